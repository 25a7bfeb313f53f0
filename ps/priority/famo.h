// FAMO (Liu et al., "FAMO: Fast Adaptive Multitask Optimization", arXiv 2306.03792): all losses are
// to fall at one relative rate. With z = softmax(v):
//
//     w_i ∝ z_i / L_i,  Σ w_i = 1                        the weights of a step
//     v −= β (J δ + γ v)     δ_i = log L_i(before) − log L_i(after),  J = diag(z) − z zᵀ
//
// The paper runs a second forward pass on the same rows to know the losses after the step. Here L_i
// is always the loss of the latest complete step, on its own rows: the losses of a step are the
// "after" of the step before it, and one forward pass per step is enough. What the rows differ by
// adds noise to δ that mostly cancels from step to step, because the next δ begins where this one
// ends.
#pragma once

#include <memory>

#include "ps/priority/loss_weighing.h"

namespace primacy {

// saved: values are v of each task, then L of each task (0: not seen yet).
std::unique_ptr<LossWeighing> MakeFamo(int tasks, double rate, double decay, WeighingState saved);

}  // namespace primacy
