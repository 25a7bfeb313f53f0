#include "worker/data/input_spec.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "common/base/hash.h"
#include "common/base/strings.h"

namespace primacy {
namespace {

// "a, b, c", for errors that say what there would have been.
template <typename Named>
std::string NamesOf(const Named& columns) {
  std::string names;
  for (const auto& column : columns) {
    names += (names.empty() ? "" : ", ") + column.name();
  }
  return names.empty() ? "none" : names;
}

template <typename Named>
std::optional<int> Find(const Named& columns, std::string_view name) {
  for (int i = 0; i < columns.size(); ++i) {
    if (columns[i].name() == name) return i;
  }
  return std::nullopt;
}

// The names to leave out, all of which must exist.
template <typename Names, typename Named>
Result<std::set<std::string>> Ignored(const std::string& field, const std::string& what,
                                      const Names& names, const Named& columns) {
  std::set<std::string> ignored;
  for (const std::string& name : names) {
    if (!Find(columns, name).has_value()) {
      return UsageError(field + ": the log has no " + what + " '" + name + "' (it has " +
                        NamesOf(columns) + ")");
    }
    ignored.insert(name);
  }
  return ignored;
}

std::string GroupOf(const LogSchema::Slot& slot) {
  return slot.group().empty() ? slot.name() : slot.group();
}

Status AddSlots(const LogSchema& schema, const Job& job, InputSpec& spec) {
  PRIMACY_ASSIGN(const std::set<std::string> ignored,
                 Ignored("data.ignore_slot", "slot", job.data().ignore_slot(), schema.slot()));
  std::map<std::string, int> dim_of_group;
  for (int s = 0; s < schema.slot_size(); ++s) {
    const LogSchema::Slot& slot = schema.slot(s);
    if (!ignored.contains(slot.name())) {
      dim_of_group[GroupOf(slot)] = job.model().embedding_dim();
    }
  }
  for (const ModelConfig::GroupDim& group_dim : job.model().group_dim()) {
    const auto group = dim_of_group.find(group_dim.group());
    if (group == dim_of_group.end()) {
      return UsageError("model.group_dim: no slot that the model reads is in group '" +
                        group_dim.group() + "'");
    }
    group->second = group_dim.dim();
  }
  for (int s = 0; s < schema.slot_size(); ++s) {
    const LogSchema::Slot& slot = schema.slot(s);
    if (ignored.contains(slot.name())) continue;
    const std::string group = GroupOf(slot);
    const int dim = dim_of_group[group];
    const auto table = std::find(spec.table_dims.begin(), spec.table_dims.end(), dim);
    const int table_index = static_cast<int>(table - spec.table_dims.begin());
    if (table == spec.table_dims.end()) spec.table_dims.push_back(dim);
    spec.slots.push_back(
        {slot.name(), group, HashBytes(group), s, slot.multi_valued(), table_index});
  }
  return Ok();
}

Status AddDense(const LogSchema& schema, const Job& job, InputSpec& spec) {
  PRIMACY_ASSIGN(
      const std::set<std::string> ignored,
      Ignored("data.ignore_dense", "dense feature", job.data().ignore_dense(), schema.dense()));
  for (int d = 0; d < schema.dense_size(); ++d) {
    if (!ignored.contains(schema.dense(d).name())) spec.dense_columns.push_back(d);
  }
  return Ok();
}

// The tiers of the job's tasks, counted from 0 without gaps. A checked job lists tasks by rising
// tier.
std::vector<int> Tiers(const Job& job) {
  std::vector<int> tiers;
  for (int t = 0; t < job.task_size(); ++t) {
    const bool joins =
        t > 0 && job.task(t).has_tier() && job.task(t).tier() == job.task(t - 1).tier();
    tiers.push_back(t == 0 ? 0 : tiers.back() + (joins ? 0 : 1));
  }
  return tiers;
}

Status AddTasks(const LogSchema& schema, const Job& job, InputSpec& spec) {
  const std::vector<int> tiers = Tiers(job);
  for (int t = 0; t < job.task_size(); ++t) {
    const TaskConfig& task = job.task(t);
    const std::string& label = task.label().empty() ? task.name() : task.label();
    const std::optional<int> column = Find(schema.label(), label);
    if (!column.has_value()) {
      return UsageError(Format("task[%d].label: the log has no label '", t) + label + "' (it has " +
                        NamesOf(schema.label()) + ")");
    }
    spec.tasks.push_back({task.name(), *column, task.loss(), task.classes(), tiers[t]});
  }
  return Ok();
}

}  // namespace

bool InputTask::Suits(float label) const {
  switch (loss) {
    case TaskConfig::LOGISTIC:
      return label >= 0 && label <= 1;
    case TaskConfig::SQUARED:
      return std::isfinite(label);
    case TaskConfig::SOFTMAX:
      return label >= 0 && label < static_cast<float>(classes) && label == std::floor(label);
  }
  return false;
}

Result<InputSpec> MakeInputSpec(const LogSchema& schema, const Job& job) {
  InputSpec spec;
  PRIMACY_TRY(AddSlots(schema, job, spec));
  PRIMACY_TRY(AddDense(schema, job, spec));
  PRIMACY_TRY(AddTasks(schema, job, spec));
  if (spec.slots.empty() && spec.dense_columns.empty()) {
    return UsageError(
        "data: the model has no inputs; the log has none or ignore_slot and ignore_dense leave out "
        "all of them");
  }
  return spec;
}

}  // namespace primacy
