#include "worker/nn/linear.h"

#include "worker/nn/matmul.h"

namespace primacy {

void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Activation activation,
                   Matrix y) {
  MatMulBt(x, weight, Accumulate::kNo, y);
  AddBiasAndActivate(y, bias, activation);
}

void LinearBackwardInput(ConstMatrix weight, ConstMatrix y, Activation activation, float kept_scale,
                         Matrix y_gradient, float* bias_gradient, GradientTarget* x_gradient) {
  ActivationBackward(y_gradient, y, activation, kept_scale, bias_gradient);
  if (x_gradient == nullptr) return;
  MatMul(y_gradient, weight.Columns(0, x_gradient->matrix.cols),
         x_gradient->written ? Accumulate::kYes : Accumulate::kNo, x_gradient->matrix);
  x_gradient->written = true;
}

void LinearBackwardWeight(ConstMatrix x, ConstMatrix y_gradient, Matrix weight_gradient) {
  MatMulAt(y_gradient, x, Accumulate::kNo, weight_gradient);
}

}  // namespace primacy
