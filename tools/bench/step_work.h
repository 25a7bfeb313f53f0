// The work of the step bench: its job, and rows of its log. A pure function of the options.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/clicklog/block.h"
#include "common/clicklog/schema.pb.h"
#include "common/config/job.pb.h"
#include "tools/bench/record.h"
#include "tools/bench/step_options.h"

namespace primacy::bench {

inline constexpr int kTasks = 3;
inline constexpr size_t kBottom[] = {256, 128};  // units
inline constexpr int kTopUnits = 64;             // of a tower's hidden layer, of an expert
inline constexpr int kExperts = 4;               // of MMOE
inline constexpr int kListValues = 10;           // of the multi-valued slot, the last one

// A record with the labels and numbers that both arrangements share, and its rates.
BenchRecord StepRecord(const char* arrangement, const StepBenchOptions& options);
void AddRates(double median, double lowest, double highest, BenchRecord& record);

// Checked by construction, every field explicit; data.log is left to the caller.
Job StepJob(const StepBenchOptions& options);
LogSchema StepSchema(const StepBenchOptions& options);

// Ranks 0 … count - 1 with P(rank) ∝ (rank + 1)^-exponent, by inversion of the distribution. 8
// bytes a rank.
class ZipfRanks {
 public:
  ZipfRanks(uint64_t count, double exponent);
  // The rank at `uniform` in [0, 1).
  uint64_t At(double uniform) const;

 private:
  std::vector<double> cumulative_;
};

class StepRows {
 public:
  explicit StepRows(const StepBenchOptions& options);
  // Rows [first, first + rows).
  LogBlock Block(uint64_t first, uint32_t rows) const;

 private:
  // Id of value `value` of row `row` in `slot`.
  uint64_t Id(uint64_t row, int slot, int value) const;

  const StepBenchOptions options_;
  const LogSchema schema_;
  const ZipfRanks ranks_;
};

}  // namespace primacy::bench
