// Rows per second, bytes per row and the longest update of a parameter store with one table:
//
//   table_bench [--benchmark_filter=...]
//
// The first argument of a benchmark is the number of rows. Keys are uniform over them, in batches
// of 65,536 draws without the repeats, sorted by virtual shard as workers send them. Rows have 16
// weights under Adagrad where nothing else is said.
#include <benchmark/benchmark.h>
#include <glog/logging.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

#include "common/base/hash.h"
#include "ps/table/parameter_store.h"

namespace primacy {
namespace {

constexpr size_t kBatchKeys = 65536;
constexpr int kBatches = 64;

struct Layout {
  size_t dim = 16;
  OptimizerConfig::Kind optimizer = OptimizerConfig::ADAGRAD;
  bool operator==(const Layout&) const = default;
};

StoreOptions Options(const Layout& layout) {
  StoreOptions options;
  options.shards = {0, kVirtualShards};
  options.table_optimizer.set_kind(layout.optimizer);
  options.table_optimizer.set_learning_rate(0.05);
  options.dense_optimizer.set_kind(OptimizerConfig::SGD);
  options.dense_optimizer.set_learning_rate(0.05);
  TableSpec& table = *options.parameters.add_table();
  table.set_dim(static_cast<int>(layout.dim));
  table.set_init_stddev(0.01f);
  return options;
}

std::vector<Key> Distinct(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// The `count` new keys after `first`, sorted by virtual shard.
std::vector<Key> NewKeys(uint64_t first, uint64_t count) {
  std::vector<Key> keys;
  for (uint64_t i = first; i < first + count; ++i) keys.push_back(TableKey(1, i));
  return Distinct(std::move(keys));
}

void Apply(ParameterStore& store, const std::vector<Key>& keys, const RowPlaces& places,
           const float* gradients) {
  store.BeginUpdate();
  store.Accumulate(0, keys, places, gradients);
  CHECK(store.Apply({}).ok());
}

// A filled store and batches of its keys with their places. Filling takes seconds, so neighbouring
// benchmarks share one.
struct Filled {
  Filled(uint64_t rows, const Layout& layout) : store(*ParameterStore::Create(Options(layout))) {
    gradients.assign(kBatchKeys * layout.dim, 0.001f);
    out.resize(kBatchKeys * layout.dim);
    for (uint64_t begin = 0; begin < rows; begin += kBatchKeys) {
      const std::vector<Key> keys = NewKeys(begin, std::min(kBatchKeys, rows - begin));
      store->Locate(0, keys, place);
      Apply(*store, keys, place, gradients.data());
    }
    for (uint64_t b = 0; b < kBatches; ++b) {
      std::vector<Key> keys;
      for (size_t i = 0; i < kBatchKeys; ++i) keys.push_back(TableKey(1, RandomBelow(b, i, rows)));
      batches.push_back(Distinct(std::move(keys)));
      places.emplace_back();
      store->Locate(0, batches.back(), places.back());
    }
  }

  std::unique_ptr<ParameterStore> store;
  std::vector<float> gradients;
  std::vector<float> out;
  RowPlaces place;
  std::vector<std::vector<Key>> batches;
  std::vector<RowPlaces> places;  // [batches]
};

Filled& Shared(uint64_t rows, const Layout& layout = {}) {
  static std::unique_ptr<Filled> filled;
  static std::pair<uint64_t, Layout> filled_with;
  if (filled == nullptr || filled_with != std::pair(rows, layout)) {
    filled.reset();
    filled = std::make_unique<Filled>(rows, layout);
    filled_with = {rows, layout};
  }
  return *filled;
}

void ReportBytes(benchmark::State& state, const ParameterStore& store) {
  const StoreStats stats = store.stats();
  state.counters["bytes_per_row"] =
      static_cast<double>(stats.bytes) / static_cast<double>(std::max<int64_t>(stats.rows, 1));
}

// Runs pass(batch number) over the batches in turn and reports keys per second.
template <typename Pass>
void RunOverBatches(benchmark::State& state, Filled& filled, Pass pass) {
  int64_t keys = 0;
  size_t next = 0;
  for (auto _ : state) {
    const size_t batch = next++ % kBatches;
    pass(batch);
    keys += static_cast<int64_t>(filled.batches[batch].size());
  }
  state.SetItemsProcessed(keys);
  ReportBytes(state, *filled.store);
}

uint64_t Rows(const benchmark::State& state) { return static_cast<uint64_t>(state.range(0)); }

void BM_Locate(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->Locate(0, filled.batches[b], filled.place);
    benchmark::DoNotOptimize(filled.place.rows.data());
  });
}

// With the look-up.
void BM_Gather(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->Gather(0, filled.batches[b], filled.out.data());
    benchmark::DoNotOptimize(filled.out.data());
  });
}

void BM_GatherPlaced(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->Gather(0, filled.batches[b], filled.places[b], filled.out.data());
    benchmark::DoNotOptimize(filled.out.data());
  });
}

void BM_GatherMissing(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  const std::vector<Key> keys = NewKeys(Rows(state), kBatchKeys);
  for (auto _ : state) {
    filled.store->Gather(0, keys, filled.out.data());
    benchmark::DoNotOptimize(filled.out.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys.size()));
}

// One worker's push, with the look-up.
void BM_Update(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->Locate(0, filled.batches[b], filled.place);
    Apply(*filled.store, filled.batches[b], filled.place, filled.gradients.data());
  });
}

// (rows, dim, optimizer)
void BM_UpdatePlaced(benchmark::State& state) {
  const Layout layout{static_cast<size_t>(state.range(1)),
                      static_cast<OptimizerConfig::Kind>(state.range(2))};
  Filled& filled = Shared(Rows(state), layout);
  state.SetLabel(OptimizerConfig::Kind_Name(layout.optimizer));
  RunOverBatches(state, filled, [&](size_t b) {
    Apply(*filled.store, filled.batches[b], filled.places[b], filled.gradients.data());
  });
}

// A pull and the push of the same keys: one look-up, one read, one update.
void BM_Step(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->Locate(0, filled.batches[b], filled.place);
    filled.store->Gather(0, filled.batches[b], filled.place, filled.out.data());
    Apply(*filled.store, filled.batches[b], filled.place, filled.gradients.data());
  });
}

// The pushes of four workers with the same keys; counted once.
void BM_UpdateFourWorkers(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->BeginUpdate();
    for (int worker = 0; worker < 4; ++worker) {
      filled.store->Accumulate(0, filled.batches[b], filled.places[b], filled.gradients.data());
    }
    CHECK(filled.store->Apply({}).ok());
  });
}

void BM_SquaredNorms(benchmark::State& state) {
  Filled& filled = Shared(Rows(state));
  std::vector<double> norms(kVirtualShards);
  RunOverBatches(state, filled, [&](size_t b) {
    filled.store->BeginUpdate();
    filled.store->Accumulate(0, filled.batches[b], filled.places[b], filled.gradients.data());
    filled.store->SquaredNorms(norms);
    benchmark::DoNotOptimize(norms.data());
  });
}

// Processor time of this thread, which other processes do not disturb.
double ThreadSeconds() {
  timespec now;
  PCHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// From nothing to `rows` rows by updates of 65,536 new keys: the time of all updates, the longest
// and the median one, and the most memory per row from a million rows on.
void BM_Grow(benchmark::State& state) {
  const std::vector<float> gradients(kBatchKeys * Layout().dim, 0.001f);
  for (auto _ : state) {
    auto store = *ParameterStore::Create(Options({}));
    RowPlaces places;
    std::vector<double> seconds;
    double bytes_max = 0;
    for (uint64_t begin = 0; begin < Rows(state); begin += kBatchKeys) {
      const std::vector<Key> keys = NewKeys(begin, kBatchKeys);
      store->Locate(0, keys, places);
      const double start = ThreadSeconds();
      Apply(*store, keys, places, gradients.data());
      seconds.push_back(ThreadSeconds() - start);
      const StoreStats stats = store->stats();
      if (stats.rows < 1'000'000) continue;
      bytes_max =
          std::max(bytes_max, static_cast<double>(stats.bytes) / static_cast<double>(stats.rows));
    }
    double sum = 0;
    for (const double update : seconds) sum += update;
    state.SetIterationTime(sum);
    std::sort(seconds.begin(), seconds.end());
    state.counters["longest_ms"] = seconds.back() * 1e3;
    state.counters["median_ms"] = seconds[seconds.size() / 2] * 1e3;
    state.counters["bytes_per_row_max"] = bytes_max;
    ReportBytes(state, *store);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(BM_Locate)->Arg(10'000'000);
BENCHMARK(BM_Gather)->Arg(10'000'000);
BENCHMARK(BM_GatherPlaced)->Arg(10'000'000);
BENCHMARK(BM_GatherMissing)->Arg(10'000'000);
BENCHMARK(BM_Update)->Arg(10'000'000);
BENCHMARK(BM_UpdatePlaced)->Args({10'000'000, 16, OptimizerConfig::ADAGRAD});
BENCHMARK(BM_Step)->Arg(10'000'000);
BENCHMARK(BM_UpdateFourWorkers)->Arg(10'000'000);
BENCHMARK(BM_SquaredNorms)->Arg(10'000'000);
BENCHMARK(BM_Gather)->Arg(100'000);
BENCHMARK(BM_Update)->Arg(100'000);
BENCHMARK(BM_UpdatePlaced)
    ->ArgsProduct({{100'000},
                   {4, 8, 16, 32},
                   {OptimizerConfig::SGD, OptimizerConfig::ADAGRAD,
                    OptimizerConfig::ROWWISE_ADAGRAD, OptimizerConfig::ADAM}});
BENCHMARK(BM_Grow)
    ->Arg(1'000'000)
    ->Arg(3'000'000)
    ->Arg(10'000'000)
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace primacy

BENCHMARK_MAIN();
