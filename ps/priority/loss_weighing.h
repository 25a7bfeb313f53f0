// Weights of the tasks' losses that are known before a step: they follow from what was observed of
// the steps before it, so that one backward pass of the weighed sum is enough.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace primacy {

// What a way of weighing remembers, for checkpoints: numbers in an order that each method states.
struct WeighingState {
  std::vector<double> values;
  int64_t updates = 0;    // that were weighed or observed so far
  int64_t fallbacks = 0;  // of those, without a solution of its own
};

// Not thread safe.
class LossWeighing {
 public:
  virtual ~LossWeighing() = default;

  // [task]: factor on the mean loss of each task in the next step.
  virtual std::vector<double> Weights() const = 0;
  // Mean losses of a complete step, per task; those without labels in it have has_loss false.
  virtual void Observe(std::span<const double> losses, const std::vector<bool>& has_loss) = 0;
  virtual WeighingState Saved() const = 0;
  // λ per task; empty for methods without multipliers.
  virtual std::span<const double> lambda() const { return {}; }
};

}  // namespace primacy
