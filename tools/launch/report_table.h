// report.json as a table for people.
#pragma once

#include <string>

#include "common/base/json_value.h"
#include "common/base/result.h"

namespace primacy {

// A line per stage and task of the report, one per constraint, and where the run's files are.
Result<std::string> ReportTable(const std::string& run_dir, const JsonValue& report);

}  // namespace primacy
