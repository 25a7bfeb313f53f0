// `primacy bench step`: training steps of a ranking model of the usual size.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/bench/record.h"

namespace primacy {

// A row has `slots` single-valued slots and one slot of 10 values (mean), all in one embedding
// group of `table_rows` ids, Zipf(1.05) and permuted per slot, and three labels. Bottom [256, 128]
// of what they give; SHARED_BOTTOM has towers of 64, MMOE four experts of 64, a gate and a linear
// output a task. The loss is the mean of three logistic losses; Adagrad at rate 0.01 on everything.
struct StepBenchOptions {
  ModelConfig::Kind model = ModelConfig::SHARED_BOTTOM;  // or MMOE
  size_t batch = 1024;
  int slots = 20;
  int dim = 16;
  uint64_t table_rows = 1'000'000;
  int runs = 5;
  // kProcess: length of one run. A run of kJob is one pass over the log instead.
  double seconds = 4;
  // kJob: rows of the log.
  uint64_t log_rows = 200'000;
};

// Usage errors name the option.
Status CheckStepBenchOptions(const StepBenchOptions& options);

// Everything on the calling thread, without transport, disk or input pipeline: 24 batches lie
// decoded in memory, the table holds all its rows before the first run. Timed are removing the
// repeats among the keys, reading their rows and the dense tensors, forward, losses, backward, and
// the update.
Result<BenchRecord> StepBenchInProcess(const StepBenchOptions& options);

// The whole job over a log on disk: one server and one worker as threads of this process, over
// sockets. Rows per second are those of the job's report: without evaluations and saves.
Result<BenchRecord> StepBenchAsJob(const StepBenchOptions& options);

}  // namespace primacy
