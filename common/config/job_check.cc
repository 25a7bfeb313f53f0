// ValidateJob: the range of each number (job_limits.h), then what depends on more than one field.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <numeric>
#include <optional>
#include <set>

#include "common/config/job_config.h"
#include "common/config/job_fields.h"
#include "common/config/job_limits.h"

namespace primacy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Tasks are numbered by the bits of a 64-bit mask.
constexpr int kTasksMax = 64;
constexpr int kLayersMax = 16;

std::string Indexed(const std::string& path, int index) {
  return path + "[" + std::to_string(index) + "]";
}

// Value of a numeric field, or of entry `index` of a repeated one. Nothing for other types.
std::optional<double> NumberOf(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const auto read = [&](auto get, auto get_repeated) {
    return static_cast<double>(field.is_repeated()
                                   ? (reflection.*get_repeated)(message, &field, index)
                                   : (reflection.*get)(message, &field));
  };
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return read(&Reflection::GetInt32, &Reflection::GetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return read(&Reflection::GetInt64, &Reflection::GetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return read(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return read(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return read(&Reflection::GetFloat, &Reflection::GetRepeatedFloat);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return read(&Reflection::GetDouble, &Reflection::GetRepeatedDouble);
    default:
      return std::nullopt;
  }
}

Status CheckNumber(const std::string& path, const FieldDescriptor& field, double value) {
  const std::string name = field.containing_type()->name() + "." + field.name();
  const auto limits = JobLimits();
  const auto limit = std::find_if(limits.begin(), limits.end(),
                                  [&](const Limit& candidate) { return candidate.field == name; });
  CHECK(limit != limits.end()) << name << " has no limit";
  const std::string wrong = OutOfRange(*limit, value);
  return wrong.empty() ? Ok() : UsageError(path + " " + wrong);
}

// Every number that is set, at every depth; unset ones have defaults that are in range.
Status CheckNumbers(const Message& message, const std::string& path) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      const std::string name = JoinPath(path, field->name());
      const std::string here = field->is_repeated() ? Indexed(name, i) : name;
      if (field->message_type() != nullptr) {
        PRIMACY_TRY(CheckNumbers(field->is_repeated()
                                     ? reflection.GetRepeatedMessage(message, field, i)
                                     : reflection.GetMessage(message, field),
                                 here));
      } else if (const std::optional<double> value = NumberOf(message, *field, i)) {
        PRIMACY_TRY(CheckNumber(here, *field, *value));
      }
    }
  }
  return Ok();
}

Status CheckData(const DataConfig& data) {
  if (data.log().empty()) {
    return UsageError("data.log must name the directory of the click log, is not set");
  }
  return Ok();
}

Status CheckTaskName(const Job& job, int index) {
  const std::string& name = job.task(index).name();
  const std::string path = Indexed("task", index);
  if (name.empty()) return UsageError(path + ".name must not be empty");
  const auto plain = [](unsigned char c) {
    return c >= 0x80 || std::isalnum(c) != 0 || std::strchr("_-.:/", c) != nullptr;
  };
  if (!std::all_of(name.begin(), name.end(), plain)) {
    return UsageError(path +
                      ".name must be made of letters, digits and _ - . : / only; it heads "
                      "columns of files");
  }
  for (int before = 0; before < index; ++before) {
    if (job.task(before).name() == name) {
      return UsageError(path + ".name must be unique, \"" + name + "\" is also " +
                        Indexed("task", before) + ".name");
    }
  }
  return Ok();
}

Status CheckClasses(const TaskConfig& task, const std::string& path) {
  if (task.loss() == TaskConfig::SOFTMAX && task.classes() < 2) {
    return UsageError(path + ".classes must be at least 2 for loss SOFTMAX, is " +
                      std::to_string(task.classes()));
  }
  if (task.loss() != TaskConfig::SOFTMAX && task.classes() != 0) {
    return UsageError(path + ".classes is for loss SOFTMAX only, the loss is " +
                      TaskConfig::Loss_Name(task.loss()));
  }
  return Ok();
}

Status CheckTier(const Job& job, int index) {
  const std::string path = Indexed("task", index) + ".tier";
  const TaskConfig& first = job.task(0);
  const TaskConfig& task = job.task(index);
  if (task.has_tier() != first.has_tier()) {
    return UsageError(path + " must be " + (first.has_tier() ? "set" : "unset") +
                      ": tiers are for all tasks or for none, and task[0] has " +
                      (first.has_tier() ? "one" : "none"));
  }
  if (index > 0 && task.tier() < job.task(index - 1).tier()) {
    return UsageError(
        path + " must be at least " + std::to_string(job.task(index - 1).tier()) +
        ", the tier of the task before it (tasks are listed by falling priority), is " +
        std::to_string(task.tier()));
  }
  return Ok();
}

Status CheckTasks(const Job& job) {
  if (job.task().empty()) return UsageError("task must have at least one entry");
  if (job.task_size() > kTasksMax) {
    return UsageError("task must have at most " + std::to_string(kTasksMax) + " entries, has " +
                      std::to_string(job.task_size()));
  }
  for (int i = 0; i < job.task_size(); ++i) {
    PRIMACY_TRY(CheckTaskName(job, i));
    PRIMACY_TRY(CheckClasses(job.task(i), Indexed("task", i)));
    PRIMACY_TRY(CheckTier(job, i));
  }
  return Ok();
}

Status CheckLayers(const google::protobuf::RepeatedField<int32_t>& layers, const char* path) {
  if (layers.size() <= kLayersMax) return Ok();
  return UsageError(std::string(path) + " must have at most " + std::to_string(kLayersMax) +
                    " layers, has " + std::to_string(layers.size()));
}

Status CheckModel(const ModelConfig& model) {
  PRIMACY_TRY(CheckLayers(model.bottom(), "model.bottom"));
  PRIMACY_TRY(CheckLayers(model.expert(), "model.expert"));
  PRIMACY_TRY(CheckLayers(model.tower(), "model.tower"));
  if (model.linear_tower() && !model.tower().empty()) {
    return UsageError("model.tower must be empty when model.linear_tower is true");
  }
  if (model.linear_bottom() && model.bottom().empty() &&
      model.kind() != ModelConfig::SHARED_BOTTOM) {
    return UsageError("model.bottom must have a layer when model.linear_bottom is true");
  }
  std::set<std::string> groups;
  for (int i = 0; i < model.group_dim_size(); ++i) {
    const ModelConfig::GroupDim& entry = model.group_dim(i);
    const std::string path = Indexed("model.group_dim", i);
    if (entry.group().empty()) return UsageError(path + ".group must not be empty");
    if (!entry.has_dim()) return UsageError(path + ".dim must be set");
    if (!groups.insert(entry.group()).second) {
      return UsageError(path + ".group must be unique, \"" + entry.group() +
                        "\" has a dimension already");
    }
  }
  return Ok();
}

// weight and single_task count for one method each, and may stay in the file when another one is
// tried.
Status CheckWeights(const Job& job) {
  const PriorityConfig& priority = job.priority();
  if (priority.weight().empty() && priority.method() != PriorityConfig::WEIGHTED) return Ok();
  if (priority.weight_size() != job.task_size()) {
    return UsageError("priority.weight must have one entry per task (" +
                      std::to_string(job.task_size()) + "), has " +
                      std::to_string(priority.weight_size()));
  }
  const auto& weights = priority.weight();
  if (std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0; })) {
    return UsageError("priority.weight must have an entry above 0");
  }
  return Ok();
}

Status CheckSingleTask(const Job& job) {
  const PriorityConfig& priority = job.priority();
  std::vector<std::string> names;
  for (const TaskConfig& task : job.task()) names.push_back(task.name());
  if (priority.single_task().empty()) {
    if (priority.method() != PriorityConfig::SINGLE) return Ok();
    return UsageError("priority.single_task must name a task for method SINGLE, is not set");
  }
  if (std::find(names.begin(), names.end(), priority.single_task()) != names.end()) return Ok();
  const std::string nearest = NearestName(priority.single_task(), names);
  return UsageError("priority.single_task must name a task, \"" + priority.single_task() +
                    "\" is none" + (nearest.empty() ? "" : " (did you mean \"" + nearest + "\"?)"));
}

Status CheckSchedule(const Schedule& schedule, const std::string& path) {
  if (schedule.decay() == Schedule::CONSTANT) return Ok();
  const std::string decay = "decay " + Schedule::Decay_Name(schedule.decay());
  if (schedule.decay_steps() < 1) {
    return UsageError(path + ".decay_steps must be at least 1 for " + decay + ", is " +
                      std::to_string(schedule.decay_steps()));
  }
  if (schedule.decay() == Schedule::EXPONENTIAL && schedule.final_factor() == 0) {
    return UsageError(path + ".final_factor must be above 0 for " + decay + ", is 0");
  }
  return Ok();
}

Status CheckOptimizers(const Job& job) {
  if (job.dense_optimizer().kind() == OptimizerConfig::ROWWISE_ADAGRAD) {
    return UsageError("dense_optimizer.kind must not be ROWWISE_ADAGRAD, which is for tables only");
  }
  PRIMACY_TRY(CheckSchedule(job.table_optimizer().schedule(), "table_optimizer.schedule"));
  return CheckSchedule(job.dense_optimizer().schedule(), "dense_optimizer.schedule");
}

Status CheckFloors(const Job& job) {
  const auto& floors = job.priority().pe_ltr_floor();
  if (floors.empty()) return Ok();
  if (floors.size() != job.task_size()) {
    return UsageError("priority.pe_ltr_floor must have one entry per task (" +
                      std::to_string(job.task_size()) + "), has " + std::to_string(floors.size()));
  }
  if (std::accumulate(floors.begin(), floors.end(), 0.0) <= 1) return Ok();
  return UsageError("priority.pe_ltr_floor must not sum to more than 1");
}

Status CheckRuntime(const RuntimeConfig& runtime) {
  if (runtime.compute() != FP16) return Ok();
  return UsageError("runtime.compute must be FP32 or BF16, is FP16");
}

}  // namespace

Status ValidateJob(const Job& job) {
  PRIMACY_TRY(CheckNumbers(job, ""));
  PRIMACY_TRY(CheckData(job.data()));
  PRIMACY_TRY(CheckTasks(job));
  PRIMACY_TRY(CheckModel(job.model()));
  PRIMACY_TRY(CheckWeights(job));
  PRIMACY_TRY(CheckSingleTask(job));
  PRIMACY_TRY(CheckFloors(job));
  PRIMACY_TRY(CheckRuntime(job.runtime()));
  return CheckOptimizers(job);
}

}  // namespace primacy
