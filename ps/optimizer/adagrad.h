// Adagrad (Duchi et al. 2011): a ← a + g², w ← w − η · g / (√a + ε), with l2 · w added to g first.
// Slots: a [dim]. As torch.optim.Adagrad, with ε outside the root:
// https://pytorch.org/docs/1.13/generated/torch.optim.Adagrad.html
#pragma once

#include <memory>

#include "ps/optimizer/optimizer.h"

namespace primacy {

// REQUIRES: the fields of `config` are in their ranges (MakeOptimizer checks them).
std::unique_ptr<Optimizer> MakeAdagrad(const OptimizerConfig& config);

}  // namespace primacy
