#include "worker/nn/linear.h"

#include "worker/nn/matmul.h"

namespace primacy {

void LinearForward(ConstOperand x, ConstOperand weight, const float* bias, Activation activation,
                   Operand y) {
  MatMulBtBias(x, weight, bias, y);
  Activate(y, activation);
}

void LinearBackwardInput(ConstOperand weight, ConstOperand y, Activation activation,
                         float kept_scale, Matrix d, Operand before, float* bias_gradient,
                         GradientTarget* x_gradient) {
  ActivationBackward(d, y, activation, kept_scale, before, bias_gradient);
  if (x_gradient == nullptr) return;
  MatMul(before, weight.Columns(0, x_gradient->matrix.cols),
         x_gradient->written ? Accumulate::kYes : Accumulate::kNo, x_gradient->matrix);
  x_gradient->written = true;
}

void LinearBackwardWeight(ConstOperand x, ConstOperand before, Matrix weight_gradient) {
  MatMulAt(before, x, Accumulate::kNo, weight_gradient);
}

}  // namespace primacy
