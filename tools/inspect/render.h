// A JSON object as aligned text: names and values in two columns, lists of objects as tables.
#pragma once

#include <string>

#include "common/base/json_value.h"

namespace primacy {

// Members whose names end in "bytes" get a unit. Long tables are cut, and say so.
std::string RenderText(const JsonValue& value);

}  // namespace primacy
