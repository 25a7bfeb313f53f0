// Figures of a comparison in words and digits, for the table and the page.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/comparison.h"

namespace primacy {

// "–" where there is none.
std::string AucText(double auc);  // "0.9056"
// "0.9056 ± 0.0010"; with one seed only the value.
std::string MeanText(const std::vector<double>& auc);
// "-0.0012 [-0.0036, +0.0012]"; with one seed "-0.0012 –".
std::string DifferenceText(const PairedDifference& difference);

// Where a paired interval lies.
enum class Side { kAbove, kBelow, kEither };
Side SideOf(const PairedDifference& difference);

// "18 kept, 1 not kept, 1 not decidable".
std::string VerdictText(const Verdicts& verdicts);

// "10 seeds (1 to 10)", "1 seed (7)".
std::string SeedsText(const Comparison& comparison);

// How the weighting to compare with was chosen and what it had there, or why there is none; empty
// where nothing was to be chosen.
std::string ChoiceText(const Comparison& comparison, const ModelComparison& model);

// What NMT cost beside the trainings that it spares; empty without NMT or without anything beside
// it.
std::string CostText(const ModelComparison& model);

// Passes of all trainings of the weightings together, per seed; 0 for none.
double WeightingPasses(const ModelComparison& model);
int WeightingCount(const ModelComparison& model);

}  // namespace primacy
