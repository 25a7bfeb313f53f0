// A fully connected layer: y = activation(x · weightᵀ + bias).
//
// Weights are [out, in], as in PyTorch. Layers that read the same x and whose weights lie one after
// the other are then one layer with more outputs, and one product.
#pragma once

#include "worker/nn/activation.h"
#include "worker/nn/matmul.h"
#include "worker/nn/matrix.h"

namespace primacy {

// x [rows, in], weight [out, in] of the same elements, bias [out], y [rows, out] of these or
// floats.
void LinearForward(ConstOperand x, RightOperand weight, const float* bias, Activation activation,
                   Operand y);

// The backward pass towards the input. d [rows, out] is the gradient of y; the one before the
// activation, of the weight's elements, goes into `before`, which LinearBackwardWeight takes.
// bias_gradient [out] is added to. x_gradient may be empty, or have fewer columns than the layer
// has inputs: then only those of the first inputs are computed, and `weight` is those columns. y
// and kept_scale: see ActivationBackward.
void LinearBackwardInput(RightOperand weight, ConstOperand y, Activation activation,
                         float kept_scale, ConstMatrix d, Operand before, float* bias_gradient,
                         Accumulate accumulate, Matrix x_gradient);

// The weights' gradient [out, in], overwritten.
void LinearBackwardWeight(ConstOperand x, ConstOperand before, Matrix weight_gradient);

}  // namespace primacy
