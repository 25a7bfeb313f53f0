// How NMT's stages went: a panel for each stage and task, a bold mean over seeds and a faint line a
// seed.
#pragma once

#include <string>

#include "tools/compare/comparison.h"

namespace primacy {

// Loss on the hold-out slice; dashed, the loss that the task is held to. Empty without
// curves.
std::string LossSvg(const Comparison& comparison, const ModelComparison& model);

// Multipliers of the constraints. Empty where no stage has one.
std::string LambdaSvg(const Comparison& comparison, const ModelComparison& model);

}  // namespace primacy
