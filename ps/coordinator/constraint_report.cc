#include "ps/coordinator/constraint_report.h"

#include <algorithm>
#include <optional>

#include "common/config/job_config.h"
#include "ps/priority/verdict.h"

namespace primacy {
namespace {

void WriteOptional(const char* name, std::optional<double> value, JsonWriter& json) {
  json.Key(name);
  if (value.has_value()) {
    json.Value(*value);
  } else {
    json.Null();
  }
}

void WriteConstraint(const Job& job, const JobState& state, const TestedConstraint& constraint,
                     JsonWriter& json) {
  const ConstraintVerdict judged = JudgeConstraint(constraint, MarginOf(job, constraint.task()));
  const LossDifference& difference = constraint.difference();
  const auto if_set = [](bool set, double value) {
    return set ? std::optional<double>(value) : std::nullopt;
  };
  json.BeginObject()
      .Field("task", job.task(constraint.task()).name())
      .Field("bound_stage", state.finished_stage(constraint.bound_stage()).name());
  WriteOptional("bound", if_set(constraint.has_bound(), constraint.bound()), json);
  WriteOptional("reached", if_set(constraint.has_reached(), constraint.reached()), json);
  WriteOptional("difference", if_set(difference.has_mean(), difference.mean()), json);
  WriteOptional("low", judged.low, json);
  WriteOptional("high", judged.high, json);
  WriteOptional("margin", if_set(constraint.has_bound(), judged.margin), json);
  json.Field("verdict", VerdictName(judged.verdict))
      .Field("groups", difference.groups())
      .Field("rows", constraint.rows())
      .EndObject();
}

}  // namespace

void WriteConstraints(const Job& job, const JobState& state, const StageSummary& summary,
                      JsonWriter& json) {
  json.Key("constraints").BeginArray();
  for (const TestedConstraint& constraint : summary.constraint())
    WriteConstraint(job, state, constraint, json);
  json.EndArray();
}

bool RequirementMet(const Job& job, const JobState& state, size_t stages) {
  if (static_cast<size_t>(state.finished_stage_size()) < stages) return true;
  const auto& constraints = state.finished_stage().rbegin()->constraint();
  return std::none_of(
      constraints.begin(), constraints.end(), [&](const TestedConstraint& constraint) {
        return Fails(job.priority().fail_on(),
                     JudgeConstraint(constraint, MarginOf(job, constraint.task())).verdict);
      });
}

}  // namespace primacy
