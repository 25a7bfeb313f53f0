// `primacy bench checkpoint`: one server's file of a generation, written and loaded, and what a
// save costs the training that goes on meanwhile.
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "tools/bench/record.h"

namespace primacy {

struct CheckpointBenchOptions {
  uint64_t keys = 10'000'000;  // rows of one table of `dim` weights under Adagrad
  int dim = 16;
  int runs = 5;
};

// In $TMPDIR, with the calls that a server makes. Rates are in MB (10^6 bytes) of the file per
// second: written into the page cache (what the last Finish syncs counts in `synced`), and loaded
// from it into an empty store. Then the table is saved while updates of uniform keys go on: the
// pause is the copy that they wait for, and the time that the save adds is that of the updates made
// meanwhile, less that of as many without a save. Usage errors name the flag.
Result<BenchRecord> CheckpointBench(const CheckpointBenchOptions& options);

}  // namespace primacy
