#include "tools/compare/curves.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr uint64_t kEventsBytesMax = 256 << 20;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using Place = std::pair<int64_t, int64_t>;  // stage, step

Place PlaceOf(const JsonValue& event) {
  return {event.IntegerOr("stage", 0), event.IntegerOr("step", 0)};
}

// The evaluations that count, in order. A line that a kill cut off is none.
Result<std::vector<JsonValue>> ReadEvaluations(const std::string& path) {
  PRIMACY_ASSIGN(const std::string text, ReadFile(path, kEventsBytesMax));
  std::vector<JsonValue> evaluations;
  for (const std::string_view line : Split(text, '\n')) {
    Result<JsonValue> event = ParseJson(line);
    if (!event.ok()) continue;
    const std::string name = event->TextOr("event", "");
    if (name == "resume") {
      const Place from = PlaceOf(*event);
      std::erase_if(evaluations, [&](const JsonValue& past) { return PlaceOf(past) > from; });
    }
    if (name != "evaluation") continue;
    // The same one again after a resume.
    std::erase_if(evaluations,
                  [&](const JsonValue& past) { return PlaceOf(past) == PlaceOf(*event); });
    evaluations.push_back(*std::move(event));
  }
  return evaluations;
}

StageCurves& StageOf(std::vector<StageCurves>& stages, const JsonValue& event, size_t seeds) {
  const auto stage = static_cast<size_t>(std::max<int64_t>(0, event.IntegerOr("stage", 0)));
  if (stages.size() <= stage) stages.resize(stage + 1);
  StageCurves& curves = stages[stage];
  if (curves.name.empty()) curves.name = event.TextOr("stage_name", "");
  curves.chosen_pass.resize(seeds, kMissing);
  return curves;
}

TaskCurves& TaskOf(StageCurves& stage, const std::string& name, size_t seeds) {
  const auto found = std::find_if(stage.tasks.begin(), stage.tasks.end(),
                                  [&](const TaskCurves& task) { return task.task == name; });
  if (found != stage.tasks.end()) return *found;
  TaskCurves& task = stage.tasks.emplace_back();
  task.task = name;
  task.lambda.resize(seeds);
  task.loss.resize(seeds);
  task.bound.resize(seeds, kMissing);
  return task;
}

void AddTask(const JsonValue& entry, double pass, size_t seed, size_t seeds, StageCurves& stage) {
  TaskCurves& task = TaskOf(stage, entry.TextOr("task", ""), seeds);
  const JsonValue* holdout = entry.Find("holdout");
  const double loss = holdout == nullptr ? kMissing : holdout->NumberOr("loss", kMissing);
  task.loss[seed].push_back({pass, loss});
  if (entry.Find("lambda") == nullptr) return;
  task.constraint = true;
  task.lambda[seed].push_back({pass, entry.NumberOr("lambda", kMissing)});
  task.bound[seed] = loss - entry.NumberOr("violation", kMissing);
}

}  // namespace

Result<std::vector<StageCurves>> ReadCurves(const std::vector<std::string>& paths) {
  std::vector<StageCurves> stages;
  for (size_t seed = 0; seed < paths.size(); ++seed) {
    PRIMACY_ASSIGN(const std::vector<JsonValue> evaluations, ReadEvaluations(paths[seed]));
    for (const JsonValue& event : evaluations) {
      StageCurves& stage = StageOf(stages, event, paths.size());
      const double pass = event.NumberOr("pass", kMissing);
      if (event.BooleanOr("candidate", false)) stage.chosen_pass[seed] = pass;
      const JsonValue* tasks = event.Find("tasks");
      if (tasks == nullptr || tasks->array() == nullptr) continue;
      for (const JsonValue& entry : *tasks->array()) {
        AddTask(entry, pass, seed, paths.size(), stage);
      }
    }
  }
  return stages;
}

Curve MeanCurve(const std::vector<Curve>& curves) {
  Curve mean;
  for (size_t k = 0;; ++k) {
    CurvePoint sum;
    size_t count = 0;
    for (const Curve& curve : curves) {
      if (k >= curve.size()) continue;
      sum.pass += curve[k].pass;
      sum.value += curve[k].value;
      ++count;
    }
    if (count == 0 || 2 * count < curves.size()) return mean;
    const auto n = static_cast<double>(count);
    mean.push_back({sum.pass / n, sum.value / n});
  }
}

}  // namespace primacy
