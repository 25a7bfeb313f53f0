// Time of building a batch from decoded blocks: keys gathered and mixed, repeats removed. Rows and
// Zipf ids are those of `primacy bench step`; run on an idle machine.
#include <benchmark/benchmark.h>

#include "tools/bench/step_work.h"
#include "worker/data/batch_builder.h"

namespace primacy {
namespace {

constexpr size_t kBatches = 24;

// Arguments: rows of a batch, single-valued slots.
void BuildBatch(benchmark::State& state) {
  StepBenchOptions options;
  options.batch = static_cast<size_t>(state.range(0));
  options.slots = static_cast<int>(state.range(1));
  const InputSpec input = *MakeInputSpec(bench::StepSchema(options), bench::StepJob(options));
  const bench::StepRows source(options);
  std::vector<LogBlock> blocks;
  for (size_t b = 0; b < kBatches; ++b) {
    blocks.push_back(source.Block(b * options.batch, static_cast<uint32_t>(options.batch)));
  }
  BatchBuilder builder(input, /*servers=*/1);
  Batch batch;
  std::vector<RowAt> rows(options.batch);
  size_t step = 0;
  for (auto _ : state) {
    for (uint32_t i = 0; i < rows.size(); ++i) rows[i] = {&blocks[step % kBatches], i};
    builder.Build(static_cast<Step>(step), step * options.batch, rows, batch);
    ++step;
  }
  state.SetItemsProcessed(static_cast<int64_t>(step * batch.values));
  state.counters["unique_keys"] = static_cast<double>(batch.tables[0].keys.size());
}
BENCHMARK(BuildBatch)
    ->Unit(benchmark::kMicrosecond)
    ->ArgNames({"rows", "slots"})
    ->Args({1024, 20})
    ->Args({4096, 20})
    ->Args({1024, 64});

}  // namespace
}  // namespace primacy

BENCHMARK_MAIN();
