// From priority.method to the method: who weighs the tasks of a job, and with which parameters.
#pragma once

#include <memory>

#include "common/config/job.pb.h"
#include "ps/priority/loss_weighing.h"
#include "ps/priority/update_weigher.h"

namespace primacy {

enum class WeighingKind {
  kMultipliers,  // NMT, SINGLE, WEIGHTED: multipliers.h
  kLosses,       // from the losses of the steps before
  kGradients,    // from the Gram matrix of the update itself
};

WeighingKind WeighingKindOf(PriorityConfig::Method method);
// Whether workers push one gradient per task.
bool NeedsPlanes(const PriorityConfig& priority);

// `saved` is what the result's Saved() gave, or empty at the start of a stage.
// REQUIRES: kLosses; a checked job.
std::unique_ptr<LossWeighing> MakeLossWeighing(const Job& job, int64_t steps_per_pass,
                                               WeighingState saved);
// REQUIRES: kGradients; a checked job.
std::unique_ptr<UpdateWeigher> MakeUpdateWeigher(const Job& job, const WeighingState& saved);

}  // namespace primacy
