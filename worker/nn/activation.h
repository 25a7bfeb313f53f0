// Bias, ReLU and their gradients over a layer's outputs [rows, units].
#pragma once

#include "worker/nn/matrix.h"

namespace primacy {

enum class Activation { kNone, kRelu };

// y = activation(y + bias), bias [units].
void AddBiasAndActivate(Matrix y, const float* bias, Activation activation);

// Turns d, the gradient of y, into the gradient of what the activation was applied to, and sums it
// over rows, in row order, into bias_gradient [units] (overwritten). y is the layer's output, after
// ReLU and dropout: a unit that either of them cut off is 0 there and gets no gradient;
// `kept_scale` is what dropout multiplied the others by (1 without).
void ActivationBackward(Matrix d, ConstMatrix y, Activation activation, float kept_scale,
                        float* bias_gradient);

}  // namespace primacy
