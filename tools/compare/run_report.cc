#include "tools/compare/run_report.h"

#include <limits>

namespace primacy {
namespace {

const JsonValue* LastStage(const JsonValue& report) {
  const JsonValue* stages = report.Find("stages");
  if (stages == nullptr || stages->array() == nullptr || stages->array()->empty()) return nullptr;
  return &stages->array()->back();
}

}  // namespace

double AucOf(const JsonValue& report, const std::string& task, const char* slice) {
  const JsonValue* value = report.Find("final");
  for (const std::string& name : {task, std::string(slice)}) {
    if (value != nullptr) value = value->Find(name);
  }
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  return value == nullptr ? kMissing : value->NumberOr("auc", kMissing);
}

bool LastStageKept(const JsonValue& report) {
  const JsonValue* stage = LastStage(report);
  return stage != nullptr && stage->BooleanOr("kept", false);
}

Verdicts LastVerdicts(const JsonValue& report) {
  Verdicts verdicts;
  const JsonValue* stage = LastStage(report);
  const JsonValue* constraints = stage == nullptr ? nullptr : stage->Find("constraints");
  if (constraints == nullptr || constraints->array() == nullptr) return verdicts;
  for (const JsonValue& constraint : *constraints->array()) {
    const std::string verdict = constraint.TextOr("verdict", "");
    verdicts.kept += verdict == "kept" ? 1 : 0;
    verdicts.not_kept += verdict == "not kept" ? 1 : 0;
    verdicts.undecided += verdict == "not decidable" ? 1 : 0;
  }
  return verdicts;
}

}  // namespace primacy
