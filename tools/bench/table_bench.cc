#include "tools/bench/table_bench.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/bench/repeat.h"
#include "tools/bench/table_work.h"

namespace primacy {
namespace {

constexpr uint64_t kBatches = 64;

Status CheckOptions(const TableBenchOptions& options) {
  if (options.keys < 1 || options.keys > uint64_t{1} << 30) {
    return UsageError("--keys must be 1 to 1073741824");
  }
  if (options.dim < 1 || options.dim > 1024) return UsageError("--dim must be 1 to 1024");
  if (options.batch_keys < 1 || options.batch_keys > 1 << 24) {
    return UsageError("--batch_keys must be 1 to 16777216");
  }
  if (options.runs < 1 || options.runs > 1000) return UsageError("--runs must be 1 to 1000");
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    return UsageError("--seconds must be above 0 and at most 3600");
  }
  return Ok();
}

struct Spread {
  double median = 0;
  double lowest = 0;
  double highest = 0;
};

Spread SpreadOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

// Rows per second of runs in which `work` does batch after batch.
template <typename Work>
Spread Rate(const TableBenchOptions& options, const std::vector<std::vector<Key>>& batches,
            const Work& work) {
  using Clock = std::chrono::steady_clock;
  size_t next = 0;
  const auto run = [&](double seconds) {
    const Clock::time_point began = Clock::now();
    size_t rows = 0;
    double taken = 0;
    while (taken < seconds) {
      const std::vector<Key>& batch = batches[next++ % batches.size()];
      work(batch);
      rows += batch.size();
      taken = std::chrono::duration<double>(Clock::now() - began).count();
    }
    return static_cast<double>(rows) / taken;
  };
  run(options.seconds / 4);
  std::vector<double> rates;
  for (int r = 0; r < options.runs; ++r) rates.push_back(run(options.seconds));
  return SpreadOf(rates);
}

void Add(const std::string& name, const Spread& rate, BenchRecord& record) {
  record.numbers.emplace_back(name, std::round(rate.median));
  record.numbers.emplace_back(name + "_min", std::round(rate.lowest));
  record.numbers.emplace_back(name + "_max", std::round(rate.highest));
}

}  // namespace

Result<BenchRecord> TableBench(const TableBenchOptions& options) {
  PRIMACY_TRY(CheckOptions(options));
  PRIMACY_ASSIGN(bench::Filled filled,
                 bench::FillTable(options.keys, options.dim, options.batch_keys));
  ParameterStore& store = *filled.store;
  const StoreStats stats = store.stats();
  const Spread growth = SpreadOf(filled.seconds);

  std::vector<std::vector<Key>> batches;
  for (uint64_t b = 0; b < kBatches; ++b) {
    batches.push_back(bench::UniformKeys(b, options.batch_keys, options.keys));
  }
  std::vector<float> rows(options.batch_keys * static_cast<uint64_t>(options.dim));
  const std::vector<float> gradients(rows.size(), 0.001f);
  RowPlaces places;
  const Spread gather = Rate(options, batches, [&](const std::vector<Key>& keys) {
    store.Locate(0, keys, places);
    store.Gather(0, keys, places, rows.data());
  });
  Status applied = Ok();
  const Spread update = Rate(options, batches, [&](const std::vector<Key>& keys) {
    store.Locate(0, keys, places);
    store.BeginUpdate();
    store.Accumulate(0, keys, places, gradients.data());
    if (const Status status = store.Apply({}); !status.ok()) applied = status;
  });
  PRIMACY_TRY(applied);
  // A step's two halves: the push needs no look-up after the pull.
  const Spread both = Rate(options, batches, [&](const std::vector<Key>& keys) {
    store.Locate(0, keys, places);
    store.Gather(0, keys, places, rows.data());
    store.BeginUpdate();
    store.Accumulate(0, keys, places, gradients.data());
    if (const Status status = store.Apply({}); !status.ok()) applied = status;
  });
  PRIMACY_TRY(applied);

  BenchRecord record;
  record.name = "table";
  record.labels = {{"optimizer", "adagrad"}};
  record.numbers = {{"keys", static_cast<double>(options.keys)},
                    {"dim", options.dim},
                    {"batch_keys", static_cast<double>(options.batch_keys)}};
  Add("gathered_per_s", gather, record);
  Add("updated_per_s", update, record);
  Add("gathered_and_updated_per_s", both, record);
  const double bytes = static_cast<double>(stats.bytes);
  record.numbers.emplace_back("bytes_per_row", bytes / static_cast<double>(stats.rows));
  record.numbers.emplace_back("memory_ratio", bytes / bench::BytesNeeded(stats.rows, options.dim));
  record.numbers.emplace_back("ms_growing_update", 1000 * growth.median);
  record.numbers.emplace_back("ms_growing_update_max", 1000 * growth.highest);
  return record;
}

}  // namespace primacy
