// Uncertainty weighting (Kendall, Gal and Cipolla, arXiv 1705.07115): each task's loss is divided
// by a learnt variance e^s, whose logarithm is paid for:
//
//     Σ e^{−s_i} L_i + ½ s_i       logistic and softmax losses
//     Σ ½ e^{−s_i} L_i + ½ s_i     squared losses
//
// s moves against its gradient after every step, by the losses of that step: s_i −= rate (½ − w_i
// L_i), w_i the weight in the step. |s| stays at most 10.
#pragma once

#include <memory>
#include <vector>

#include "ps/priority/loss_weighing.h"

namespace primacy {

// squared: per task, whether its loss is. saved: values are s of each task; empty: 0.
std::unique_ptr<LossWeighing> MakeUncertainty(std::vector<bool> squared, double rate,
                                              WeighingState saved);

}  // namespace primacy
