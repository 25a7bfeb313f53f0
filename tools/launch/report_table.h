// report.json as a table for people.
#pragma once

#include <string>

#include "common/base/result.h"

namespace primacy {

// A line per stage and task, and where the run's files are.
Result<std::string> ReportTable(const std::string& run_dir);

}  // namespace primacy
