// The comparison for programs (docs/compare.md).
#pragma once

#include <string>

#include "tools/compare/comparison.h"

namespace primacy {

std::string ComparisonJson(const Comparison& comparison);

}  // namespace primacy
