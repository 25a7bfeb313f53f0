#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/huge_pages.h"
#include "common/protocol/sharding.h"
#include "ps/table/parameter_store.h"
#include "tools/bench/machine_rates.h"
#include "tools/bench/roofline.h"
#include "tools/bench/step_bench.h"
#include "tools/bench/step_work.h"
#include "worker/data/batch_builder.h"
#include "worker/model/model.h"

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kBatches = 24;
constexpr ShardRange kAllShards = {0, kVirtualShards};
constexpr size_t kFillKeys = 65536;
constexpr double kRateSeconds = 0.03;  // for each figure of the roofline

enum Part { kDedup, kGather, kForward, kBackward, kApply, kParts };
constexpr const char* kPartNames[kParts] = {"ms_dedup", "ms_gather", "ms_forward", "ms_backward",
                                            "ms_apply"};

// A worker and a server in one: one table, one model, one thread.
class StepProcess {
 public:
  StepProcess(const StepBenchOptions& options, const InputSpec& input, std::unique_ptr<Model> model,
              std::unique_ptr<ParameterStore> store)
      : options_(options),
        builder_(input, /*servers=*/1),
        model_(std::move(model)),
        store_(std::move(store)),
        blocks_(store_->layout().BlocksOf(kAllShards)),
        dense_(store_->layout().flat_size()),
        dense_gradient_(dense_.size()),
        dense_blocks_(store_->layout().FloatsOf(kAllShards)) {
    const bench::StepRows rows(options_);
    for (size_t b = 0; b < kBatches; ++b) {
      blocks_of_rows_.push_back(
          rows.Block(b * options_.batch, static_cast<uint32_t>(options_.batch)));
    }
  }

  // Puts every id into the table, at its initial value.
  Status Fill(uint64_t group_hash);
  // One training step; adds the seconds of its parts.
  Status Step(int64_t step, std::array<double, kParts>& seconds);
  size_t unique_keys() const { return batch_.tables[0].keys.size(); }
  size_t values() const { return batch_.values; }

 private:
  void GatherParameters();
  Status Update(int64_t step);

  const StepBenchOptions options_;
  BatchBuilder builder_;
  const std::unique_ptr<Model> model_;
  const std::unique_ptr<ParameterStore> store_;
  const std::span<const DenseBlock> blocks_;
  std::vector<LogBlock> blocks_of_rows_;  // [kBatches]
  std::vector<RowAt> rows_;
  Batch batch_;
  RowPlaces places_;                           // of its keys
  LargeFloats table_, table_gradient_;         // [unique, dim]
  std::vector<float> dense_, dense_gradient_;  // flat
  std::vector<float> dense_blocks_;            // in the order of the server's blocks
};

Status StepProcess::Fill(uint64_t group_hash) {
  std::vector<Key> keys;
  const std::vector<float> zeros(kFillKeys * static_cast<size_t>(options_.dim));
  for (uint64_t begin = 0; begin < options_.table_rows; begin += kFillKeys) {
    keys.clear();
    for (uint64_t id = begin; id < std::min(begin + kFillKeys, options_.table_rows); ++id) {
      keys.push_back(TableKey(group_hash, id));
    }
    store_->BeginUpdate();
    store_->Accumulate(0, keys, zeros.data());
    PRIMACY_TRY(store_->Apply({}));
  }
  return Ok();
}

void StepProcess::GatherParameters() {
  const std::vector<Key>& keys = batch_.tables[0].keys;
  const size_t floats = keys.size() * static_cast<size_t>(options_.dim);
  if (table_.size() < floats) {
    table_.resize(floats);
    table_gradient_.resize(floats);
  }
  store_->Locate(0, keys, places_);
  store_->Gather(0, keys, places_, table_.data());
  store_->GatherDense(dense_blocks_.data());
  const float* in = dense_blocks_.data();
  for (const DenseBlock& block : blocks_) {
    std::memcpy(dense_.data() + block.flat_begin, in, block.size * sizeof(float));
    in += block.size;
  }
}

Status StepProcess::Update(int64_t step) {
  float* out = dense_blocks_.data();
  for (const DenseBlock& block : blocks_) {
    std::memcpy(out, dense_gradient_.data() + block.flat_begin, block.size * sizeof(float));
    out += block.size;
  }
  store_->BeginUpdate();
  store_->Accumulate(0, batch_.tables[0].keys, places_, table_gradient_.data());
  store_->AccumulateDense(dense_blocks_.data());
  return store_->Apply({.step = step});
}

Status StepProcess::Step(int64_t step, std::array<double, kParts>& seconds) {
  Clock::time_point at = Clock::now();
  const auto lap = [&](Part part) {
    const Clock::time_point now = Clock::now();
    seconds[part] += std::chrono::duration<double>(now - std::exchange(at, now)).count();
  };
  const LogBlock& block = blocks_of_rows_[static_cast<size_t>(step) % kBatches];
  rows_.resize(options_.batch);
  for (uint32_t i = 0; i < rows_.size(); ++i) rows_[i] = {&block, i};
  builder_.Build(step, static_cast<uint64_t>(step) * options_.batch, rows_, batch_);
  lap(kDedup);
  GatherParameters();
  lap(kGather);
  const ParameterView parameters{{table_.data()}, dense_};
  model_->Forward(batch_, parameters, {.training = true});
  const LossSums losses = model_->Losses(batch_);
  lap(kForward);
  std::vector<double> factor;
  for (const double weight : losses.weight) factor.push_back(1.0 / (bench::kTasks * weight));
  model_->Backward(batch_, parameters, factor, {{table_gradient_.data()}, dense_gradient_});
  lap(kBackward);
  PRIMACY_TRY(Update(step));
  lap(kApply);
  return Ok();
}

Result<std::unique_ptr<StepProcess>> MakeStepProcess(const StepBenchOptions& options) {
  const Job job = bench::StepJob(options);
  PRIMACY_ASSIGN(const InputSpec input, MakeInputSpec(bench::StepSchema(options), job));
  PRIMACY_ASSIGN(std::unique_ptr<Model> model, Model::Create(job, input));
  StoreOptions table;
  table.parameters = model->parameters();
  table.shards = kAllShards;
  table.seed = job.training().seed();
  table.table_optimizer = job.table_optimizer();
  table.dense_optimizer = job.dense_optimizer();
  table.table = job.table();
  PRIMACY_ASSIGN(std::unique_ptr<ParameterStore> store, ParameterStore::Create(table));
  auto process = std::make_unique<StepProcess>(options, input, std::move(model), std::move(store));
  PRIMACY_TRY(process->Fill(input.slots[0].group_hash));
  return process;
}

struct Run {
  double rows_per_s = 0;
  double median_step = 0;              // seconds
  std::array<double, kParts> ms = {};  // of one step
};

Result<Run> Measure(StepProcess& process, const StepBenchOptions& options, size_t steps) {
  std::array<double, kParts> seconds = {};
  std::vector<double> taken;
  const Clock::time_point began = Clock::now();
  for (size_t step = 0; step < steps; ++step) {
    const Clock::time_point step_began = Clock::now();
    PRIMACY_TRY(process.Step(static_cast<int64_t>(step), seconds));
    taken.push_back(std::chrono::duration<double>(Clock::now() - step_began).count());
  }
  const double total = std::chrono::duration<double>(Clock::now() - began).count();
  Run run{static_cast<double>(steps * options.batch) / total};
  std::nth_element(taken.begin(), taken.begin() + static_cast<ptrdiff_t>(steps / 2), taken.end());
  run.median_step = taken[steps / 2];
  for (int p = 0; p < kParts; ++p) run.ms[p] = 1000 * seconds[p] / static_cast<double>(steps);
  return run;
}

// How near a run's median step came to what the machine did just before and just after it.
struct Share {
  bench::MachineRates rates;
  bench::Roofline roofline;
  double share = 0;
};

Share ShareOf(const bench::StepWork& work, const bench::MachineRates& before,
              const bench::MachineRates& after, double step_seconds) {
  // The better of both: neighbours that slowed the machine down must not make the step look good.
  Share share{.rates = bench::BetterOf(before, after)};
  share.roofline = bench::RooflineOf(work, share.rates);
  share.share = share.roofline.seconds() / step_seconds;
  return share;
}

// The median run's share and what it consists of, and the lowest and highest.
void AddShares(const bench::StepWork& work, std::vector<Share> shares, BenchRecord& record) {
  std::sort(shares.begin(), shares.end(),
            [](const Share& a, const Share& b) { return a.share < b.share; });
  const Share& median = shares[shares.size() / 2];
  const auto add = [&](const char* name, double value) {
    record.numbers.emplace_back(name, value);
  };
  add("roofline_share", median.share);
  add("roofline_share_min", shares.front().share);
  add("roofline_share_max", shares.back().share);
  add("ms_roofline_products", 1000 * median.roofline.products);
  add("ms_roofline_rows", 1000 * median.roofline.rows);
  add("ms_roofline_bytes", 1000 * median.roofline.bytes);
  double flops = 0;
  for (const bench::Product& product : work.products) flops += product.flops();
  add("onednn_gflops", flops / median.roofline.products / 1e9);
  add("rows_read_per_s", median.rates.rows_read_per_s);
  add("rows_updated_per_s", median.rates.rows_updated_per_s);
  add("bytes_moved_per_s", median.rates.bytes_moved_per_s);
}

}  // namespace

Result<BenchRecord> StepBenchInProcess(const StepBenchOptions& options) {
  PRIMACY_TRY(CheckStepBenchOptions(options));
  PRIMACY_ASSIGN(const std::unique_ptr<StepProcess> process, MakeStepProcess(options));
  PRIMACY_ASSIGN(const Run warm_up, Measure(*process, options, kBatches));
  const double rows = options.seconds * warm_up.rows_per_s;
  const size_t steps =
      std::max(kBatches, static_cast<size_t>(rows / static_cast<double>(options.batch)));
  // The batch of the last step is as good as any.
  const bench::StepWork work = bench::CountStepWork(options, process->unique_keys());
  const double rate_seconds = std::min(kRateSeconds, options.seconds / 10);
  bench::MachineRates before;
  if (options.roofline) {
    PRIMACY_ASSIGN(before, bench::MeasureRates(work, options, rate_seconds));
  }
  std::vector<Run> runs;
  std::vector<Share> shares;
  for (int i = 0; i < options.runs; ++i) {
    PRIMACY_ASSIGN(const Run run, Measure(*process, options, steps));
    runs.push_back(run);
    if (!options.roofline) continue;
    PRIMACY_ASSIGN(const bench::MachineRates after,
                   bench::MeasureRates(work, options, rate_seconds));
    shares.push_back(ShareOf(work, before, after, run.median_step));
    before = after;
  }
  // The split is that of the median run.
  std::sort(runs.begin(), runs.end(),
            [](const Run& a, const Run& b) { return a.rows_per_s < b.rows_per_s; });
  const Run& median = runs[runs.size() / 2];
  BenchRecord record = bench::StepRecord("process", options);
  bench::AddRates(median.rows_per_s, runs.front().rows_per_s, runs.back().rows_per_s, record);
  for (int p = 0; p < kParts; ++p) record.numbers.emplace_back(kPartNames[p], median.ms[p]);
  record.numbers.emplace_back("unique_keys", static_cast<double>(process->unique_keys()));
  record.numbers.emplace_back("keys", static_cast<double>(process->values()));
  if (options.roofline) AddShares(work, std::move(shares), record);
  return record;
}

}  // namespace primacy
