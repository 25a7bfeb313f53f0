#include "tools/launch/constraint_lines.h"

#include <cmath>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr double kTimesMax = 1000;

const JsonValue::Array& ArrayOf(const JsonValue& object, const char* name) {
  static const JsonValue::Array kNone;
  const JsonValue* found = object.Find(name);
  return found == nullptr || found->array() == nullptr ? kNone : *found->array();
}

// How many times the rows would put the margin at the end of the interval, if the difference
// stayed: the interval's width falls with the square root of the rows.
std::string RowsToTell(double difference, double half, double margin) {
  const double times = std::pow(half / (difference - margin), 2);
  if (!(times < kTimesMax)) return Format("; more than %.0f times the rows would tell", kTimesMax);
  return Format("; about %.*f times the rows would tell", times < 10 ? 1 : 0, times);
}

std::string Line(const std::string& stage, const JsonValue& constraint) {
  const double bound = constraint.NumberOr("bound", 0);
  const double high = constraint.NumberOr("high", std::nan(""));
  const std::string verdict = constraint.TextOr("verdict", "");
  const auto count = static_cast<uint64_t>(constraint.IntegerOr("groups", 0));
  const std::string groups = WithCommas(count) + (count == 1 ? " group" : " groups") + " of rows";
  std::string line = Format("%s in stage %s: %s", constraint.TextOr("task", "").c_str(),
                            stage.c_str(), verdict.c_str());
  if (std::isnan(high) || !(bound > 0)) return line + " with " + groups + "\n";
  const double difference = constraint.NumberOr("difference", 0);
  const double margin = constraint.NumberOr("margin", 0);
  line += Format(
      "; test loss %.5f where %.5f was reached, %+.2f %% (95 %% interval %+.2f to %+.2f %%, margin "
      "%.2f %%, %s)",
      constraint.NumberOr("reached", 0), bound, 100 * difference / bound,
      100 * constraint.NumberOr("low", 0) / bound, 100 * high / bound, 100 * margin / bound,
      groups.c_str());
  if (verdict == "not decidable") line += RowsToTell(difference, high - difference, margin);
  return line + "\n";
}

}  // namespace

std::string ConstraintLines(const JsonValue& report) {
  std::string lines;
  for (const JsonValue& stage : ArrayOf(report, "stages")) {
    for (const JsonValue& constraint : ArrayOf(stage, "constraints"))
      lines += Line(stage.TextOr("name", ""), constraint);
  }
  return lines;
}

std::optional<std::string> MissedRequirement(const JsonValue& report) {
  const JsonValue::Array& stages = ArrayOf(report, "stages");
  if (stages.empty() || report.BooleanOr("requirement_met", true)) return std::nullopt;
  std::string found;
  for (const JsonValue& constraint : ArrayOf(stages.back(), "constraints")) {
    const std::string verdict = constraint.TextOr("verdict", "");
    if (verdict == "kept") continue;
    found += (found.empty() ? "" : ", ") + constraint.TextOr("task", "") + " " + verdict;
  }
  return "priority.fail_on is " + report.TextOr("fail_on", "") + ", and the final model has " +
         found;
}

}  // namespace primacy
