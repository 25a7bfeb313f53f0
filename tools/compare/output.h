// The files that a comparison leaves.
#pragma once

#include <string>

#include "common/base/result.h"
#include "tools/compare/comparison.h"

namespace primacy {

// Writes compare.txt, compare.json, compare.html and plots/*.svg into `directory`, and a PNG beside
// every SVG where rsvg-convert is in the PATH. Returns what is to be said about missing ones, or
// nothing.
Result<std::string> WriteComparison(const Comparison& comparison, const std::string& directory);

}  // namespace primacy
