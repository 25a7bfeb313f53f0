// The work of the step bench.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.h"
#include "common/config/job.pb.h"

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
  Precision compute = FP32;  // or BF16
  int runs = 5;
  // StepBenchInProcess: length of one run. A run of a job is one pass over the log instead.
  double seconds = 4;
  // StepBenchInProcess: measure the machine's rates and the share of the roofline (roofline.h).
  bool roofline = true;
};

// Usage errors name the option.
Status CheckStepBenchOptions(const StepBenchOptions& options);

}  // namespace primacy
