// Stochastic gradient descent without momentum: w ← w − η · (g + l2 · w). No slots.
// As torch.optim.SGD: https://pytorch.org/docs/1.13/generated/torch.optim.SGD.html
#pragma once

#include <memory>

#include "ps/optimizer/optimizer.h"

namespace primacy {

// REQUIRES: the fields of `config` are in their ranges (MakeOptimizer checks them).
std::unique_ptr<Optimizer> MakeSgd(const OptimizerConfig& config);

}  // namespace primacy
