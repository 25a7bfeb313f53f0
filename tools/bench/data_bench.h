// Measures text → log → batches: `primacy bench data`.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "tools/bench/record.h"

namespace primacy {

struct DataBenchOptions {
  uint64_t rows = 400'000;  // of the text
  int runs = 5;
};

// The rows of the step bench (20 slots, one of 10 values, three labels) from a CSV file through the
// converter into a log and out of it again. Files lie in a temporary directory and in the page
// cache; each rate is the median of `runs`.
//
//   convert  the converter, whole: text to a published log, synced; on one thread, and on as many
//            as there are cores
//   write    decoded blocks through one LogPartWriter, synced; one thread
//   read     LogDirectory::ReadBlock over the train slice: read, CRC, decompression, decoding; one
//            thread. bytes_per_row: stored, and as columns in memory
//   batches  the same slice through a BatchReader: shuffled batches of 1,024 with unique keys;
//            reading and building are its one thread
//
// Usage errors name the option.
Result<std::vector<BenchRecord>> DataBench(const DataBenchOptions& options);

}  // namespace primacy
