// ReLU over a layer's outputs [rows, units], and the way back.
#pragma once

#include "worker/nn/matrix.h"

namespace primacy {

enum class Activation { kNone, kRelu };

// y = activation(y). NaN stays NaN, so that it is found: oneDNN's ReLU, which it could fuse with
// the product, makes 0 of it.
void Activate(Operand y, Activation activation);

// The gradient before the activation, from d, that of y, into `before`, of y's elements or BF16,
// and its sum over rows, in row order and in float before any rounding, added to bias_gradient
// [units]. y is the layer's output, after ReLU and dropout: a unit that either of them cut off is 0
// there and gets no gradient; `kept_scale` is what dropout multiplied the others by (1 without).
void ActivationBackward(ConstMatrix d, ConstOperand y, Activation activation, float kept_scale,
                        Operand before, float* bias_gradient);

}  // namespace primacy
