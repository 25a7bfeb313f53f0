// Adam (Kingma and Ba 2015): m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
// w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε), with l2 · w added to g first. Slots: m [dim],
// v [dim].
//
// On a whole tensor it is torch.optim.Adam:
// https://pytorch.org/docs/1.13/generated/torch.optim.Adam.html On table rows it is lazy, like
// torch.optim.SparseAdam: only rows with a gradient move, and t is the global step, not the row's
// own count. (SparseAdam leaves ε out of the second correction; here rows and tensors have one
// definition, Adam's.)
#pragma once

#include <memory>

#include "ps/optimizer/optimizer.h"

namespace primacy {

// REQUIRES: the fields of `config` are in their ranges (MakeOptimizer checks them).
std::unique_ptr<Optimizer> MakeAdam(const OptimizerConfig& config);

}  // namespace primacy
