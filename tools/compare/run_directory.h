// What is in the directory of a comparison, and whether this comparison may go on there.
#pragma once

#include <memory>
#include <string>

#include "common/base/directory_lock.h"
#include "common/base/result.h"
#include "tools/compare/plan.h"

namespace primacy {

// Held by the process that compares in a run directory.
inline constexpr char kCompareLock[] = "compare.lock";

// Where two jobs would not train the same: the first field that differs and both its values,
// "training.batch_rows: 125 -> 100"; empty when there is none. Looks past what a comparison varies
// (model.kind, priority's method and weights, the seed) and past settings of the run that do not
// change the model.
std::string DescribeJobDifference(const Job& there, const Job& here);

// That run_dir is new, or with `resume` that it holds a comparison of the same job; then makes it,
// leaves MODEL/job.txt for each model, and holds it until the lock is destroyed. Usage errors are
// one line, and nothing is made then.
Result<std::unique_ptr<DirectoryLock>> OpenRunDirectory(const ComparisonPlan& plan, bool resume);

enum class TrainingState {
  kAbsent,
  kInterrupted,  // holds a generation to resume from
  kFinished,     // its report is whole
};

// Usage error: what is there was trained by another job or other processes.
Result<TrainingState> StateOf(const PlannedTraining& training, const ComparisonPlan& plan);

}  // namespace primacy
