#include "tools/bench/machine_rates.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "common/base/hash.h"
#include "common/base/huge_pages.h"
#include "tools/bench/repeat.h"

namespace primacy::bench {
namespace {

constexpr uint64_t kTableBytesMax = uint64_t{4} << 30;
constexpr size_t kVisits = 1 << 16;  // rows of one repetition
constexpr size_t kVisitLists = 16;
constexpr size_t kAhead = 16;  // rows that are prefetched
constexpr size_t kLine = 64;

// What the loops compute, so that they are not left out.
volatile float sink = 0;

void Prefetch(const std::byte* row, size_t bytes) {
  for (size_t at = 0; at < bytes; at += kLine) __builtin_prefetch(row + at);
}

}  // namespace

RowRates RandomRowRates(uint64_t table_rows, size_t row_bytes, size_t slot_bytes, double seconds) {
  const size_t stride = row_bytes + slot_bytes;
  const uint64_t rows = std::clamp<uint64_t>(kTableBytesMax / stride, 1, table_rows);
  HugePages table(rows * stride);
  std::memset(table.data(), 0, table.bytes());
  std::vector<uint32_t> visits(kVisits * kVisitLists + kAhead);
  for (size_t v = 0; v < visits.size(); ++v) {
    visits[v] = static_cast<uint32_t>(RandomBelow(1, v, rows));
  }
  size_t list = 0;
  const auto visit = [&](size_t touched, const auto& touch) {
    const double median = MedianSeconds(seconds, [&] {
      const uint32_t* const at = visits.data() + kVisits * (list++ % kVisitLists);
      for (size_t v = 0; v < kVisits; ++v) {
        Prefetch(table.data() + at[v + kAhead] * stride, touched);
        touch(reinterpret_cast<float*>(table.data() + at[v] * stride));
      }
    });
    return static_cast<double>(kVisits) / median;
  };
  RowRates rates;
  std::vector<float> sum(row_bytes / sizeof(float));
  rates.read = visit(row_bytes, [&](const float* row) {
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += row[i];
  });
  sink = sum[0];
  rates.update = visit(stride, [&](float* row) {
    for (size_t i = 0; i < stride / sizeof(float); ++i) row[i] += 1.0f;
  });
  return rates;
}

double MovedBytesRate(size_t bytes, double seconds) {
  std::vector<std::byte> from(bytes), to(bytes);
  const double median = MedianSeconds(seconds, [&] {
    std::memcpy(to.data(), from.data(), bytes);
    asm volatile("" : : "r"(to.data()) : "memory");  // somebody might read it
  });
  return 2.0 * static_cast<double>(bytes) / median;
}

Result<MachineRates> MeasureRates(const StepWork& work, const StepBenchOptions& options,
                                  double seconds) {
  MachineRates rates;
  for (const Product& product : work.products) {
    PRIMACY_ASSIGN(const double rate, ProductRate(product, options.compute, seconds));
    rates.flops_per_s.push_back(rate);
  }
  const RowRates rows =
      RandomRowRates(options.table_rows, work.row_bytes, work.row_slot_bytes, seconds);
  rates.rows_read_per_s = rows.read;
  rates.rows_updated_per_s = rows.update;
  rates.bytes_moved_per_s = MovedBytesRate(work.activation_bytes, seconds);
  return rates;
}

MachineRates BetterOf(const MachineRates& a, const MachineRates& b) {
  MachineRates better = a;
  for (size_t p = 0; p < a.flops_per_s.size(); ++p) {
    better.flops_per_s[p] = std::max(a.flops_per_s[p], b.flops_per_s[p]);
  }
  better.rows_read_per_s = std::max(a.rows_read_per_s, b.rows_read_per_s);
  better.rows_updated_per_s = std::max(a.rows_updated_per_s, b.rows_updated_per_s);
  better.bytes_moved_per_s = std::max(a.bytes_moved_per_s, b.bytes_moved_per_s);
  return better;
}

}  // namespace primacy::bench
