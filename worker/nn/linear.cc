#include "worker/nn/linear.h"

namespace primacy {

void LinearForward(ConstOperand x, RightOperand weight, const float* bias, Activation activation,
                   Operand y) {
  MatMulBtBias(x, weight, bias, y);
  Activate(y, activation);
}

void LinearBackwardInput(RightOperand weight, ConstOperand y, Activation activation,
                         float kept_scale, ConstMatrix d, Operand before, float* bias_gradient,
                         Accumulate accumulate, Matrix x_gradient) {
  ActivationBackward(d, y, activation, kept_scale, before, bias_gradient);
  if (x_gradient.cols == 0) return;
  MatMul(before, weight, accumulate, x_gradient);
}

void LinearBackwardWeight(ConstOperand x, ConstOperand before, Matrix weight_gradient) {
  MatMulAt(before, x, Accumulate::kNo, weight_gradient);
}

}  // namespace primacy
