// What one core of this machine can do, measured with other people's kernels and plain loops.
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "tools/bench/roofline.h"

namespace primacy::bench {

// oneDNN's best rate for `product` on one thread, in flop/s: its sgemm, and its matmul with plain
// operands, with prepacked weights, and with all operands as it likes them best; in bf16 its matmul
// of bf16 operands into fp32 and into bf16. Each is repeated for at least `seconds`; the median
// repetition counts. Fails where this oneDNN cannot do it on this processor.
Result<double> ProductRate(const Product& product, Precision precision, double seconds);

struct RowRates {
  double read = 0;    // rows/s
  double update = 0;  // rows/s
};
// Rows at uniformly random places of `table_rows` rows of row_bytes + slot_bytes, in at most 4 GiB
// on huge pages, by a loop that prefetches: row_bytes read, or all of a row read and written.
RowRates RandomRowRates(uint64_t table_rows, size_t row_bytes, size_t slot_bytes, double seconds);

// memcpy of pieces of `bytes`: bytes read plus bytes written a second.
double MovedBytesRate(size_t bytes, double seconds);

// All that a roofline needs; each figure takes at least `seconds`.
Result<MachineRates> MeasureRates(const StepWork& work, const StepBenchOptions& options,
                                  double seconds);
// The better of both in every figure.
MachineRates BetterOf(const MachineRates& a, const MachineRates& b);

}  // namespace primacy::bench
