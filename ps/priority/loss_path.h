// What a task's own stage tells the later ones: a task's hold-out losses, evaluation by evaluation.
#pragma once

#include <cstdint>
#include <span>

#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

std::span<const double> Losses(const LossPath& path);

// The hold-out loss that later stages are held to, where the stage kept the model of its evaluation
// `kept` (from 0). That is not the loss of this one evaluation: a stage keeps the lowest of dozens,
// which is below what its models have there on average, and a later stage would have to be as
// lucky. It is the median of the two evaluations before and the two after it, but never below the
// kept loss, and at most a hundredth above it: where a stage over-fits within an evaluation or two,
// more would no longer be luck.
double HoldoutBound(std::span<const double> path, int64_t kept);

// The bound at evaluation n of a later stage: the largest of `bound` and the lowest loss of the
// task's own stage up to its n-th evaluation. path empty: no pace.
double PacedBound(double bound, std::span<const double> path, int64_t evaluation);

}  // namespace primacy
