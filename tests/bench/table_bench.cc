// Rows per second and bytes per row of a parameter store with one table of 16 weights under
// Adagrad:
//
//   table_bench [--benchmark_filter=...]
//
// Keys are uniform over `rows` (the benchmark's argument), in batches sorted by virtual shard, as
// workers send them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "common/base/hash.h"
#include "ps/table/parameter_store.h"

namespace primacy {
namespace {

constexpr size_t kDim = 16;
constexpr size_t kBatchKeys = 65536;
constexpr int kBatches = 64;

StoreOptions Options() {
  StoreOptions options;
  options.shards = {0, kVirtualShards};
  options.table_optimizer.set_kind(OptimizerConfig::ADAGRAD);
  options.table_optimizer.set_learning_rate(0.05);
  options.dense_optimizer = options.table_optimizer;
  TableSpec& table = *options.parameters.add_table();
  table.set_dim(kDim);
  table.set_init_stddev(0.01f);
  return options;
}

std::vector<Key> Distinct(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// A filled store and batches of its keys. Filling takes seconds, so the benchmarks share one of
// each size.
struct Filled {
  explicit Filled(uint64_t rows) : store(*ParameterStore::Create(Options())) {
    gradients.assign(kBatchKeys * kDim, 0.001f);
    std::vector<Key> keys;
    for (uint64_t i = 0; i < rows; ++i) {
      keys.push_back(TableKey(1, i));
      if (keys.size() < kBatchKeys && i + 1 < rows) continue;
      Update(keys);
      keys.clear();
    }
    for (uint64_t b = 0; b < kBatches; ++b) {
      for (size_t i = 0; i < kBatchKeys; ++i) keys.push_back(TableKey(1, RandomBelow(b, i, rows)));
      batches.push_back(Distinct(std::exchange(keys, {})));
    }
  }
  void Update(const std::vector<Key>& keys) {
    store->BeginUpdate();
    store->Accumulate(0, keys, gradients.data());
    CHECK(store->Apply({}).ok());
  }

  std::unique_ptr<ParameterStore> store;
  std::vector<float> gradients;
  std::vector<std::vector<Key>> batches;
};

Filled& Shared(uint64_t rows) {
  static std::unique_ptr<Filled> filled;
  static uint64_t filled_rows = 0;
  if (filled_rows != rows) {
    filled.reset();
    filled = std::make_unique<Filled>(rows);
    filled_rows = rows;
  }
  return *filled;
}

void Report(benchmark::State& state, int64_t keys, const ParameterStore& store) {
  state.SetItemsProcessed(keys);
  const StoreStats stats = store.stats();
  state.counters["bytes_per_row"] =
      static_cast<double>(stats.bytes) / static_cast<double>(std::max<int64_t>(stats.rows, 1));
}

void BM_Gather(benchmark::State& state) {
  Filled& filled = Shared(static_cast<uint64_t>(state.range(0)));
  std::vector<float> rows(kBatchKeys * kDim);
  int64_t keys = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::vector<Key>& batch = filled.batches[next++ % kBatches];
    filled.store->Gather(0, batch, rows.data());
    benchmark::DoNotOptimize(rows.data());
    keys += static_cast<int64_t>(batch.size());
  }
  Report(state, keys, *filled.store);
}

void BM_GatherMissing(benchmark::State& state) {
  Filled& filled = Shared(static_cast<uint64_t>(state.range(0)));
  std::vector<float> rows(kBatchKeys * kDim);
  std::vector<Key> batch;
  for (size_t i = 0; i < kBatchKeys; ++i) batch.push_back(TableKey(2, i));
  batch = Distinct(std::move(batch));
  int64_t keys = 0;
  for (auto _ : state) {
    filled.store->Gather(0, batch, rows.data());
    benchmark::DoNotOptimize(rows.data());
    keys += static_cast<int64_t>(batch.size());
  }
  Report(state, keys, *filled.store);
}

// One worker's push.
void BM_Update(benchmark::State& state) {
  Filled& filled = Shared(static_cast<uint64_t>(state.range(0)));
  int64_t keys = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::vector<Key>& batch = filled.batches[next++ % kBatches];
    filled.Update(batch);
    keys += static_cast<int64_t>(batch.size());
  }
  Report(state, keys, *filled.store);
}

// The pushes of four workers with the same keys; counted once.
void BM_UpdateFourWorkers(benchmark::State& state) {
  Filled& filled = Shared(static_cast<uint64_t>(state.range(0)));
  int64_t keys = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::vector<Key>& batch = filled.batches[next++ % kBatches];
    filled.store->BeginUpdate();
    for (int worker = 0; worker < 4; ++worker) {
      filled.store->Accumulate(0, batch, filled.gradients.data());
    }
    CHECK(filled.store->Apply({}).ok());
    keys += static_cast<int64_t>(batch.size());
  }
  Report(state, keys, *filled.store);
}

void BM_SquaredNorms(benchmark::State& state) {
  Filled& filled = Shared(static_cast<uint64_t>(state.range(0)));
  const std::vector<Key>& batch = filled.batches[0];
  filled.store->BeginUpdate();
  filled.store->Accumulate(0, batch, filled.gradients.data());
  std::vector<double> norms(kVirtualShards);
  for (auto _ : state) {
    filled.store->SquaredNorms(norms);
    benchmark::DoNotOptimize(norms.data());
  }
  Report(state, static_cast<int64_t>(batch.size()) * state.iterations(), *filled.store);
}

// From nothing to `rows` rows.
void BM_Insert(benchmark::State& state) {
  int64_t rows = 0;
  for (auto _ : state) {
    auto store = *ParameterStore::Create(Options());
    const std::vector<float> gradients(kBatchKeys * kDim, 0.001f);
    std::vector<Key> keys(kBatchKeys);
    for (uint64_t begin = 0; begin < static_cast<uint64_t>(state.range(0)); begin += kBatchKeys) {
      for (size_t i = 0; i < kBatchKeys; ++i) keys[i] = TableKey(1, begin + i);
      store->BeginUpdate();
      store->Accumulate(0, keys, gradients.data());
      CHECK(store->Apply({}).ok());
    }
    rows += store->stats().rows;
    Report(state, rows, *store);
  }
}

BENCHMARK(BM_Gather)->Arg(100'000)->Arg(10'000'000);
BENCHMARK(BM_GatherMissing)->Arg(10'000'000);
BENCHMARK(BM_Update)->Arg(10'000'000);
BENCHMARK(BM_UpdateFourWorkers)->Arg(10'000'000);
BENCHMARK(BM_SquaredNorms)->Arg(10'000'000);
BENCHMARK(BM_Update)->Arg(100'000);
BENCHMARK(BM_Insert)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace primacy

BENCHMARK_MAIN();
