#include "worker/model/architecture.h"

#include <set>
#include <string>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr int kLayerUnitsMax = 65536;
constexpr int kLayersMax = 64;
constexpr int kExpertsMax = 1024;
constexpr int kLevelsMax = 32;
constexpr int kDimMax = 4096;
constexpr int kClassesMax = 65536;
constexpr size_t kTasksMax = 64;  // a task is a bit of active_tasks

template <typename Sizes>
Result<std::vector<size_t>> Layers(const Sizes& sizes, const char* field) {
  if (sizes.size() > kLayersMax) {
    return UsageError(Format("model.%s: at most %d layers", field, kLayersMax));
  }
  std::vector<size_t> layers;
  for (const int units : sizes) {
    if (units < 1 || units > kLayerUnitsMax) {
      return UsageError(
          Format("model.%s: a layer of %d units; must be 1 to %d", field, units, kLayerUnitsMax));
    }
    layers.push_back(static_cast<size_t>(units));
  }
  return layers;
}

Status CheckRange(const char* field, int value, int low, int high) {
  if (value >= low && value <= high) return Ok();
  return UsageError(Format("model.%s: %d; must be %d to %d", field, value, low, high));
}

Status CheckTasks(const InputSpec& input) {
  if (input.tasks.empty()) return UsageError("task: the job has none");
  if (input.tasks.size() > kTasksMax) {
    return UsageError(Format("task: %zu of them; at most %zu", input.tasks.size(), kTasksMax));
  }
  std::set<std::string> names;
  for (const InputTask& task : input.tasks) {
    if (!names.insert(task.name).second) {
      return UsageError("task.name: two tasks are called '" + task.name + "'");
    }
    if (task.loss == TaskConfig::SOFTMAX && (task.classes < 2 || task.classes > kClassesMax)) {
      return UsageError(Format("task.classes of '%s': %d; SOFTMAX needs 2 to %d", task.name.c_str(),
                               task.classes, kClassesMax));
    }
  }
  return Ok();
}

Status CheckInputs(const InputSpec& input) {
  if (input.slots.empty() && input.dense_columns.empty()) {
    return UsageError(
        "data: every slot and dense feature of the log is ignored; nothing is left to learn from");
  }
  for (const int dim : input.table_dims) {
    if (dim < 1 || dim > kDimMax) {
      return UsageError(
          Format("model.embedding_dim or group_dim.dim: %d; must be 1 to %d", dim, kDimMax));
    }
  }
  return Ok();
}

}  // namespace

Result<Architecture> MakeArchitecture(const ModelConfig& config, const InputSpec& input) {
  PRIMACY_TRY(CheckTasks(input));
  PRIMACY_TRY(CheckInputs(input));
  Architecture result;
  result.kind = config.kind();
  PRIMACY_ASSIGN(result.bottom, Layers(config.bottom(), "bottom"));
  PRIMACY_ASSIGN(result.expert, Layers(config.expert(), "expert"));
  PRIMACY_ASSIGN(result.tower, Layers(config.tower(), "tower"));
  if (config.linear_tower() && !result.tower.empty()) {
    return UsageError(
        "model.linear_tower: a linear tower has no hidden layers; drop it or model.tower");
  }
  if (result.tower.empty() && !config.linear_tower()) result.tower = {32};
  if (result.expert.empty()) result.expert = {32};
  result.linear_bottom = config.linear_bottom();
  if (config.kind() == ModelConfig::SHARED_BOTTOM) {
    if (result.bottom.empty()) result.bottom = {64};
  } else {
    if (config.linear_bottom() && result.bottom.empty()) {
      return UsageError("model.linear_bottom: there is no bottom; drop it or set model.bottom");
    }
    PRIMACY_TRY(CheckRange("experts", config.experts(), 1, kExpertsMax));
    result.shared_experts = config.experts();
    result.levels = 1;
  }
  if (config.kind() == ModelConfig::PLE) {
    PRIMACY_TRY(CheckRange("task_experts", config.task_experts(), 1, kExpertsMax));
    PRIMACY_TRY(CheckRange("levels", config.levels(), 1, kLevelsMax));
    result.task_experts = config.task_experts();
    result.levels = config.levels();
  }
  if (!(config.dropout() >= 0 && config.dropout() < 1)) {
    return UsageError(
        Format("model.dropout: %g; must be at least 0 and below 1", config.dropout()));
  }
  if (!(config.embedding_stddev() >= 0 && config.embedding_stddev() <= 1e6)) {
    return UsageError(
        Format("model.embedding_stddev: %g; must be 0 to 1e6", config.embedding_stddev()));
  }
  result.dropout = config.dropout();
  result.embedding_stddev = config.embedding_stddev();
  result.mean_pooling = config.pooling() == ModelConfig::MEAN;
  return result;
}

}  // namespace primacy
