// `primacy bench step`: training steps of a ranking model of the usual size.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/bench/record.h"
#include "tools/bench/step_log.h"
#include "tools/bench/step_options.h"

namespace primacy {

// How a step is trained as a job.
struct StepJobOptions {
  int servers = 1;
  int workers = 1;
  bool processes = false;  // under mpirun; otherwise threads of this process
  PriorityConfig::Method method = PriorityConfig::WEIGHTED;
  std::vector<std::string> overrides;  // field=value of the job
};

// Everything on the calling thread, without transport, disk or input pipeline: 24 batches lie
// decoded in memory, the table holds all its rows before the first run. Timed are removing the
// repeats among the keys, finding and reading their rows and the dense tensors, forward, losses,
// backward, and the update.
Result<BenchRecord> StepBenchInProcess(const StepBenchOptions& options);

// A whole job over the real transport. Its first pass over the log inserts the rows and is not
// counted; each pass that follows is a run, timed from its first step to the last update, so
// without evaluations and saves. Of a method with several stages (NMT) this holds for the last one,
// in which all tasks are active; SINGLE trains the first task.
// `log` is of the same slots and table_rows.
Result<BenchRecord> StepBenchAsJob(const StepBenchOptions& options, const StepJobOptions& job,
                                   const StepLog& log);

}  // namespace primacy
