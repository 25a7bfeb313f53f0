// Forward and backward time of models of the usual size: single-valued slots and one of 10 values,
// embedding 16, Zipf ids in one table, bottom [256, 128], three logistic tasks; on one thread.
// Prints time per batch, rows per second and the parts' milliseconds, of this thread's processor
// time, which other work on the machine disturbs less.
#include <benchmark/benchmark.h>

#include <time.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "common/base/hash.h"
#include "worker/model/model.h"

namespace primacy {
namespace {

constexpr int kValues = 10;  // of the last slot
constexpr int kDim = 16;
constexpr size_t kIds = 1'000'000;
constexpr size_t kBatches = 8;

struct Work {
  size_t rows = 0;
  int slots = 0;  // the last one has kValues values a row
};

double CpuSeconds() {
  timespec now;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

InputSpec MakeInput(const Work& work) {
  InputSpec input;
  for (int s = 0; s < work.slots; ++s) {
    input.slots.push_back(
        {.name = "slot" + std::to_string(s), .column = s, .multi_valued = s + 1 == work.slots});
  }
  for (int t = 0; t < 3; ++t)
    input.tasks.push_back({.name = "task" + std::to_string(t), .tier = t});
  input.table_dims = {kDim};
  return input;
}

Job MakeJob(ModelConfig::Kind kind) {
  Job job;
  ModelConfig& model = *job.mutable_model();
  model.set_kind(kind);
  model.set_embedding_dim(kDim);
  model.add_bottom(256);
  model.add_bottom(128);
  if (kind == ModelConfig::SHARED_BOTTOM) {
    model.add_tower(64);
  } else {
    model.add_expert(64);
    model.set_experts(kind == ModelConfig::MMOE ? 4 : 2);
    model.set_task_experts(1);
    model.set_linear_tower(true);
  }
  return job;
}

// Cumulative distribution of Zipf(1.05) over kIds ranks.
std::vector<double> ZipfDistribution() {
  std::vector<double> cumulative(kIds);
  double sum = 0;
  for (size_t i = 0; i < kIds; ++i)
    cumulative[i] = sum += std::pow(static_cast<double>(i + 1), -1.05);
  for (double& value : cumulative) value /= sum;
  return cumulative;
}

Batch MakeBatch(const Work& work, uint64_t seed, const std::vector<double>& zipf) {
  Batch batch;
  batch.rows = work.rows;
  batch.tables.resize(1);
  std::unordered_map<uint64_t, uint32_t> unique;
  uint64_t draw = 0;
  const auto position = [&](int slot) {
    const double u = RandomUniform(seed, draw++);
    const uint64_t rank = std::lower_bound(zipf.begin(), zipf.end(), u) - zipf.begin();
    const uint64_t key = HashCombine(static_cast<uint64_t>(slot), rank) % kIds;
    const auto [entry, added] = unique.try_emplace(key, static_cast<uint32_t>(unique.size()));
    if (added) batch.tables[0].keys.push_back(key);
    return entry->second;
  };
  for (int s = 0; s < work.slots; ++s) {
    BatchSlot slot;
    const int values = s + 1 == work.slots ? kValues : 1;
    for (size_t i = 0; i < work.rows; ++i) {
      if (values > 1) slot.offsets.push_back(static_cast<uint32_t>(i * values));
      for (int v = 0; v < values; ++v) slot.positions.push_back(position(s));
    }
    if (values > 1) slot.offsets.push_back(static_cast<uint32_t>(work.rows * values));
    batch.slots.push_back(std::move(slot));
  }
  for (size_t i = 0; i < work.rows * 3; ++i) {
    batch.labels.push_back(RandomUniform(seed + 1, i) < 0.1 ? 1.0f : 0.0f);
    batch.weights.push_back(1.0f);
  }
  for (size_t i = 0; i < work.rows; ++i) batch.row_sequence.push_back(i);
  return batch;
}

std::vector<float> RandomFloats(size_t count, double scale, uint64_t seed) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(scale * (RandomUniform(seed, i) - 0.5));
  return values;
}

// Arguments of a benchmark: rows, slots, 1 for BF16.
void Step(benchmark::State& state, Job job) {
  const Work work{static_cast<size_t>(state.range(0)), static_cast<int>(state.range(1))};
  job.mutable_runtime()->set_compute(state.range(2) != 0 ? BF16 : FP32);
  const auto model = *Model::Create(job, MakeInput(work));
  const DenseLayout layout(model->parameters());
  const std::vector<float> dense = RandomFloats(layout.flat_size(), 0.1, 1);
  std::vector<float> dense_gradient(layout.flat_size());
  const std::vector<double> zipf = ZipfDistribution();
  std::vector<Batch> batches;
  std::vector<std::vector<float>> tables;
  for (size_t b = 0; b < kBatches; ++b) {
    batches.push_back(MakeBatch(work, 100 + b, zipf));
    tables.push_back(RandomFloats(batches[b].tables[0].keys.size() * kDim, 0.02, b));
  }
  std::vector<float> table_gradient(work.rows * (work.slots - 1 + kValues) * kDim);
  float* const table_gradients[] = {table_gradient.data()};
  const std::vector<double> factor(3, 1.0 / static_cast<double>(work.rows));
  const ForwardOptions options{.training = true, .dropout_seed = 1};
  double forward = 0, rows_backward = 0, dense_backward = 0;
  size_t step = 0;
  for (auto _ : state) {
    const double began = CpuSeconds();
    const Batch& batch = batches[step % kBatches];
    const ParameterView parameters{{tables[step % kBatches].data()}, dense};
    model->Forward(batch, parameters, options);
    benchmark::DoNotOptimize(model->Losses(batch));
    const double middle = CpuSeconds();
    model->BackwardRows(batch, parameters, factor, table_gradients);
    const double late = CpuSeconds();
    model->BackwardDense(dense_gradient);
    forward += middle - began;
    rows_backward += late - middle;
    dense_backward += CpuSeconds() - late;
    ++step;
  }
  state.SetItemsProcessed(static_cast<int64_t>(step * work.rows));
  const double per_step = 1000 / static_cast<double>(step);
  state.counters["ms_forward"] = forward * per_step;
  state.counters["ms_backward_rows"] = rows_backward * per_step;
  state.counters["ms_backward_dense"] = dense_backward * per_step;
  state.counters["unique_keys"] = static_cast<double>(batches[0].tables[0].keys.size());
}

void SharedBottom(benchmark::State& state) { Step(state, MakeJob(ModelConfig::SHARED_BOTTOM)); }
void SharedBottomDropout(benchmark::State& state) {
  Job job = MakeJob(ModelConfig::SHARED_BOTTOM);
  job.mutable_model()->set_dropout(0.1f);
  Step(state, job);
}
void Mmoe(benchmark::State& state) { Step(state, MakeJob(ModelConfig::MMOE)); }
void Ple(benchmark::State& state) {
  Job job = MakeJob(ModelConfig::PLE);
  job.mutable_model()->set_levels(2);
  Step(state, job);
}

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Unit(benchmark::kMillisecond)->ArgNames({"rows", "slots", "bf16"});
  for (const int64_t bf16 : {0, 1}) {
    benchmark->Args({1024, 21, bf16})->Args({4096, 21, bf16})->Args({1024, 65, bf16});
  }
}

BENCHMARK(SharedBottom)->Apply(Sizes);
BENCHMARK(SharedBottomDropout)->Apply(Sizes);
BENCHMARK(Mmoe)->Apply(Sizes);
BENCHMARK(Ple)->Apply(Sizes);

}  // namespace
}  // namespace primacy

BENCHMARK_MAIN();
