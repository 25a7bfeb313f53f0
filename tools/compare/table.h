// The comparison as plain text.
#pragma once

#include <string>

#include "tools/compare/comparison.h"

namespace primacy {

// Per model: a line a method with test AUC, passes and seconds; NMT against each method; how the
// weighting was chosen.
std::string ComparisonTable(const Comparison& comparison);

}  // namespace primacy
