#include "tools/bench/step_work.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/base/hash.h"
#include "common/config/job_config.h"

namespace primacy::bench {
namespace {

constexpr double kZipf = 1.05;
constexpr uint64_t kSeedIds = 7;
constexpr uint64_t kSeedLabels = 8;
constexpr double kLabelRate[kTasks] = {0.2, 0.05, 0.01};
// The same popularity in every slot, but of other ids: rank · kStride + slot · kShift, modulo rows.
constexpr uint64_t kStride = 387'420'489;  // 3^18
constexpr uint64_t kShift = 377'126'537;

void SetAdagrad(OptimizerConfig& optimizer) {
  optimizer.set_kind(OptimizerConfig::ADAGRAD);
  optimizer.set_learning_rate(0.01);
  optimizer.set_l2(0);
}

}  // namespace

BenchRecord StepRecord(const char* arrangement, const StepBenchOptions& options) {
  BenchRecord record;
  record.name = "step";
  record.labels = {{"arrangement", arrangement},
                   {"model", options.model == ModelConfig::MMOE ? "mmoe" : "shared_bottom"},
                   {"compute", Precision_Name(options.compute)}};
  record.numbers = {{"batch", static_cast<double>(options.batch)},
                    {"slots", options.slots},
                    {"dim", options.dim},
                    {"table_rows", static_cast<double>(options.table_rows)}};
  return record;
}

void AddRates(double median, double lowest, double highest, BenchRecord& record) {
  record.numbers.emplace_back("rows_per_s", std::round(median));
  record.numbers.emplace_back("rows_per_s_min", std::round(lowest));
  record.numbers.emplace_back("rows_per_s_max", std::round(highest));
}

Job StepJob(const StepBenchOptions& options) {
  Job job;
  job.set_name("bench-step");
  for (int t = 0; t < kTasks; ++t) job.add_task()->set_name("task" + std::to_string(t));
  ModelConfig& model = *job.mutable_model();
  model.set_kind(options.model);
  model.set_embedding_dim(options.dim);
  for (const size_t units : kBottom) model.add_bottom(static_cast<int>(units));
  if (options.model == ModelConfig::SHARED_BOTTOM) {
    model.add_tower(kTopUnits);
  } else {
    model.set_experts(kExperts);
    model.add_expert(kTopUnits);
    model.set_linear_tower(true);
  }
  job.mutable_priority()->set_method(PriorityConfig::WEIGHTED);
  for (int t = 0; t < kTasks; ++t) job.mutable_priority()->add_weight(1);
  SetAdagrad(*job.mutable_table_optimizer());
  SetAdagrad(*job.mutable_dense_optimizer());
  TrainingConfig& training = *job.mutable_training();
  training.set_batch_rows(static_cast<int>(options.batch));
  training.set_passes_max(1);
  training.set_evaluations_per_pass(1);
  job.mutable_runtime()->set_checkpoint_every_seconds(0);
  job.mutable_runtime()->set_compute(options.compute);
  return FillDefaults(job);
}

LogSchema StepSchema(const StepBenchOptions& options) {
  LogSchema schema;
  for (int s = 0; s <= options.slots; ++s) {
    LogSchema::Slot& slot = *schema.add_slot();
    slot.set_name("slot" + std::to_string(s));
    slot.set_group("ids");
    slot.set_multi_valued(s == options.slots);
  }
  for (int t = 0; t < kTasks; ++t) schema.add_label()->set_name("task" + std::to_string(t));
  return schema;
}

ZipfRanks::ZipfRanks(uint64_t count, double exponent) : cumulative_(count) {
  double sum = 0;
  for (uint64_t rank = 0; rank < count; ++rank) {
    cumulative_[rank] = sum += std::pow(static_cast<double>(rank + 1), -exponent);
  }
  for (double& share : cumulative_) share /= sum;
}

uint64_t ZipfRanks::At(double uniform) const {
  const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), uniform);
  return std::min<uint64_t>(found - cumulative_.begin(), cumulative_.size() - 1);
}

StepRows::StepRows(const StepBenchOptions& options)
    : options_(options), schema_(StepSchema(options)), ranks_(options.table_rows, kZipf) {}

uint64_t StepRows::Id(uint64_t row, int slot, int value) const {
  const uint64_t values = static_cast<uint64_t>(options_.slots) + kListValues;
  const uint64_t draw = row * values + static_cast<uint64_t>(slot + value);
  const uint64_t rank = ranks_.At(RandomUniform(kSeedIds, draw));
  return (rank * kStride + static_cast<uint64_t>(slot) * kShift) % options_.table_rows;
}

LogBlock StepRows::Block(uint64_t first, uint32_t rows) const {
  LogBlock block = MakeBlock(schema_);
  LogRow row;
  row.slots.resize(static_cast<size_t>(options_.slots) + 1);
  for (std::vector<uint64_t>& keys : row.slots) keys.resize(1);
  row.slots.back().resize(kListValues);
  row.labels.resize(kTasks);
  row.masks.assign(kTasks, 1);
  for (uint64_t r = first; r < first + rows; ++r) {
    for (int s = 0; s <= options_.slots; ++s) {
      std::vector<uint64_t>& keys = row.slots[static_cast<size_t>(s)];
      for (size_t v = 0; v < keys.size(); ++v) keys[v] = Id(r, s, static_cast<int>(v));
    }
    for (int t = 0; t < kTasks; ++t) {
      const double draw = RandomUniform(kSeedLabels, r * kTasks + static_cast<uint64_t>(t));
      row.labels[static_cast<size_t>(t)] = draw < kLabelRate[t] ? 1.0f : 0.0f;
    }
    AppendRow(schema_, row, block);
  }
  return block;
}

}  // namespace primacy::bench

namespace primacy {

Status CheckStepBenchOptions(const StepBenchOptions& options) {
  if (options.model != ModelConfig::SHARED_BOTTOM && options.model != ModelConfig::MMOE) {
    return UsageError("--model: the step bench knows shared_bottom and mmoe");
  }
  if (options.batch < 1 || options.batch > 1 << 20)
    return UsageError("--batch must be 1 to 1048576");
  if (options.slots < 1 || options.slots > 256)
    return UsageError("--single_slots must be 1 to 256");
  if (options.dim < 1 || options.dim > 1024) return UsageError("--dim must be 1 to 1024");
  if (options.table_rows < 1 || options.table_rows > 1 << 28) {
    return UsageError("--table_rows must be 1 to 268435456");
  }
  if (options.compute == FP16) return UsageError("--compute must be fp32 or bf16");
  if (options.runs < 1 || options.runs > 1000) return UsageError("--runs must be 1 to 1000");
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    return UsageError("--seconds must be above 0 and at most 3600");
  }
  return Ok();
}

}  // namespace primacy
