// `primacy bench table`: an embedding table alone.
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "tools/bench/record.h"

namespace primacy {

// One table of `keys` rows of `dim` weights under Adagrad, on the calling thread.
struct TableBenchOptions {
  uint64_t keys = 10'000'000;
  int dim = 16;
  uint64_t batch_keys = 65'536;  // drawn uniformly, the unique ones of a batch
  int runs = 5;
  double seconds = 4;  // length of a run, one of reading and one of updating
};

// From an empty table on: inserts all rows, a batch an update, and notes the longest update; then
// reads batches, and updates batches, each found, gathered or summed up and applied as a server
// does for one worker. Rates count unique rows. Usage errors name the flag.
Result<BenchRecord> TableBench(const TableBenchOptions& options);

}  // namespace primacy
