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

// The backward pass towards the input. y_gradient [rows, out] is the gradient of y on entry; on
// return it is the gradient before the activation, which LinearBackwardWeight takes. bias_gradient
// is overwritten. x_gradient may be null; its matrix may have fewer columns than the layer has
// inputs: then only those of the first inputs are computed. y and kept_scale: see
// ActivationBackward.
void LinearBackwardInput(ConstMatrix weight, ConstMatrix y, Activation activation, float kept_scale,
                         Matrix y_gradient, float* bias_gradient, GradientTarget* x_gradient);

// The weights' gradient [out, in], overwritten, from the input and what LinearBackwardInput left in
// y_gradient.
void LinearBackwardWeight(ConstMatrix x, ConstMatrix y_gradient, Matrix weight_gradient);

}  // namespace primacy
