// What the first task kept against what each other task reached, method by method.
#pragma once

#include <string>

#include "tools/compare/comparison.h"

namespace primacy {

// A panel for every task below the first: means over seeds on the test slice with their standard
// errors, the values of each task alone as dashed lines. Where other methods crowd in a corner, a
// second panel shows them close up. Empty for a job with one task.
std::string ParetoSvg(const Comparison& comparison, const ModelComparison& model);

}  // namespace primacy
