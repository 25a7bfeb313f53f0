// The verdicts on the constraints in report.json, in words.
#pragma once

#include <optional>
#include <string>

#include "common/base/json_value.h"

namespace primacy {

// A line for each constraint of each stage of a report, from the top; empty without constraints.
std::string ConstraintLines(const JsonValue& report);

// What is wrong with the final model where it is not what priority.fail_on asks for; nothing where
// it is. One line without its end.
std::optional<std::string> MissedRequirement(const JsonValue& report);

}  // namespace primacy
