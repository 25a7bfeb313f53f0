// Adagrad with one accumulator a row: a ← a + mean(g²), w ← w − η · g / (√a + ε), with l2 · w added
// to g first. Slots: a [1]. The exact row-wise Adagrad of FBGEMM's table-batched embeddings (Khudia
// et al. 2021). For tables only: the blocks of a dense tensor are no rows in this sense.
#pragma once

#include <memory>

#include "ps/optimizer/optimizer.h"

namespace primacy {

// REQUIRES: the fields of `config` are in their ranges (MakeOptimizer checks them).
std::unique_ptr<Optimizer> MakeRowwiseAdagrad(const OptimizerConfig& config);

}  // namespace primacy
