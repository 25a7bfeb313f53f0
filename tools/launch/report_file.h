// A run's report.json (docs/report.md).
#pragma once

#include <string>

#include "common/base/json_value.h"
#include "common/base/result.h"

namespace primacy {

// Fails where there is none, or no JSON.
Result<JsonValue> ReadReport(const std::string& run_dir);

}  // namespace primacy
