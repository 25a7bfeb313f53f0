// What a step costs by the method that weighs its tasks.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/bench/record.h"
#include "tools/bench/step_bench.h"

namespace primacy {

// Values of priority.method in lower case, separated by commas, or "all": the weighted sum first,
// then all others. Usage errors name what is unknown or stands there twice.
Result<std::vector<PriorityConfig::Method>> ParseStepMethods(const std::string& text);

// A job of one counted pass per method, method after method, and all of that options.runs times, so
// that a slow minute of the machine meets every method. A record per method, in their order: that
// of its median run, with `time_ratio`, the time of a step over that of the first method in the
// same turn, of which the median is taken.
// job.method is not read.
Result<std::vector<BenchRecord>> StepBenchOfMethods(
    const StepBenchOptions& options, const StepJobOptions& job,
    const std::vector<PriorityConfig::Method>& methods, const StepLog& log);

}  // namespace primacy
