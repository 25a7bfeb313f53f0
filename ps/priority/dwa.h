// Dynamic weight average (Liu, Johns and Davison, arXiv 1803.10704): tasks whose loss fell least
// over the last two passes weigh most. With L_i^e the mean loss of pass e:
//
//     w = T · softmax(r / 2),   r_i = L_i^{e−1} / L_i^{e−2}
//
// All weights are 1 in the first two passes, and r_i is 1 where a pass had no labels of task i.
#pragma once

#include <cstdint>
#include <memory>

#include "ps/priority/loss_weighing.h"

namespace primacy {

// saved: values are, [task] each, the sum and count of losses in this pass and the means of the
// last pass and the one before it (0: none); updates counts the steps.
std::unique_ptr<LossWeighing> MakeDwa(int tasks, int64_t steps_per_pass, WeighingState saved);

}  // namespace primacy
