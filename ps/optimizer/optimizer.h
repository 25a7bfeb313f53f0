// Update rules of rows: a row is [weights (dim) | slots], and a dense block is one long row.
//
// Definitions are PyTorch's (torch.optim.SGD, Adagrad, Adam/SparseAdam), with the bias corrections
// of Adam taken from the stage's global step; row-wise Adagrad keeps one accumulator of the mean
// squared gradient per row.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/ids.h"

namespace primacy {

// One update of a stage.
struct UpdateFactors {
  Step step = 0;       // its number, from 0: for the schedule and Adam's bias corrections
  float gradient = 1;  // factor on every gradient
  double rate = 1;     // factor on the learning rate, beside the schedule's
};

// Immutable, so thread safe.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Floats after the weights of a row of `dim` weights.
  virtual size_t SlotFloats(size_t dim) const = 0;
  // Writes the initial slots of a row.
  virtual void InitialSlots(size_t dim, float* slots) const = 0;
  // Updates rows[i] = [dim weights | slots] with gradients[i * dim ...]. L2 and the schedule are
  // included.
  virtual void Update(const UpdateFactors& update, size_t dim, std::span<float* const> rows,
                      const float* gradients) const = 0;
};

// Usage errors name the field within `field` ("table_optimizer", "dense_optimizer").
Result<std::unique_ptr<Optimizer>> MakeOptimizer(const OptimizerConfig& config,
                                                 const std::string& field);

// Factor of the learning rate at `step`.
double ScheduleFactor(const Schedule& schedule, Step step);

// The learning rate of an update.
double Rate(const OptimizerConfig& config, const UpdateFactors& update);

}  // namespace primacy
