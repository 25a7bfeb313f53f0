// A fully connected layer: y = activation(x · weightᵀ + bias).
//
// Weights are [out, in], as in PyTorch. Layers that read the same x and whose weights lie one after
// the other are then one layer with more outputs, and one product.
#pragma once

#include "worker/nn/activation.h"
#include "worker/nn/matrix.h"

namespace primacy {

// x [rows, in], weight [out, in], bias [out], y [rows, out].
void LinearForward(ConstMatrix x, ConstMatrix weight, const float* bias, Activation activation,
                   Matrix y);

// y_gradient [rows, out] is the gradient of y on entry and is used up: on return it is the gradient
// before the activation. weight_gradient and bias_gradient are overwritten. x_gradient may be null;
// its matrix may have fewer columns than x has: then only those of the first inputs are computed. y
// and kept_scale: see ActivationBackward.
void LinearBackward(ConstMatrix x, ConstMatrix weight, ConstMatrix y, Activation activation,
                    float kept_scale, Matrix y_gradient, Matrix weight_gradient,
                    float* bias_gradient, GradientTarget* x_gradient);

}  // namespace primacy
