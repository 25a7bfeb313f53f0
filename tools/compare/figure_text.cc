#include "tools/compare/figure_text.h"

#include <cmath>

#include "common/base/strings.h"

namespace primacy {
namespace {

constexpr char kNone[] = "–";

}  // namespace

std::string AucText(double auc) { return std::isfinite(auc) ? Format("%.4f", auc) : kNone; }

std::string MeanText(const std::vector<double>& auc) {
  const std::string mean = AucText(Mean(auc));
  const double error = StandardError(auc);
  return std::isfinite(error) ? mean + Format(" ± %.4f", error) : mean;
}

std::string DifferenceText(const PairedDifference& difference) {
  if (!std::isfinite(difference.mean)) return kNone;
  const std::string mean = Format("%+.4f ", difference.mean);
  if (!std::isfinite(difference.low)) return mean + kNone;
  return mean + Format("[%+.4f, %+.4f]", difference.low, difference.high);
}

Side SideOf(const PairedDifference& difference) {
  if (difference.low > 0) return Side::kAbove;
  return difference.high < 0 ? Side::kBelow : Side::kEither;
}

std::string VerdictText(const Verdicts& verdicts) {
  return Format("%d kept, %d not kept, %d not decidable", verdicts.kept, verdicts.not_kept,
                verdicts.undecided);
}

std::string SeedsText(const Comparison& comparison) {
  const std::vector<uint64_t>& seeds = comparison.seeds;
  if (seeds.size() == 1) return "1 seed (" + std::to_string(seeds[0]) + ")";
  return std::to_string(seeds.size()) + " seeds (" + std::to_string(seeds.front()) + " to " +
         std::to_string(seeds.back()) + ")";
}

std::string ChoiceText(const Comparison& comparison, const ModelComparison& model) {
  const int weightings = WeightingCount(model);
  if (weightings == 0) return "";
  if (model.single < 0) {
    return "No weighting is singled out: that takes each task alone (single) among the methods.";
  }
  const std::string& first = comparison.tasks[0];
  const double alone = Mean(model.methods[model.single].tasks[0].holdout);
  const std::string rule = Format(
      "Of %d weighting%s, those whose first task (%s) has a mean AUC on the hold-out slice "
      "of at least that of training it alone less %.3f (%s - %.3f)",
      weightings, weightings == 1 ? "" : "s", first.c_str(), comparison.kept_margin,
      AucText(alone).c_str(), comparison.kept_margin);
  if (model.chosen < 0) return rule + " would do: none has.";
  const MethodFigures& chosen = model.methods[model.chosen];
  std::string there = first + " " + AucText(Mean(chosen.tasks[0].holdout));
  for (size_t t = 1; t < chosen.tasks.size(); ++t) {
    there += ", " + comparison.tasks[t] + " " + AucText(Mean(chosen.tasks[t].holdout));
  }
  return rule + " would do; of these, " + chosen.name +
         " has the best mean of the other tasks there (hold-out: " + there + ").";
}

std::string CostText(const ModelComparison& model) {
  const int weightings = WeightingCount(model);
  if (model.nmt < 0 || (model.single < 0 && weightings == 0)) return "";
  const double passes = Mean(model.methods[model.nmt].row_passes);
  std::string text = Format("NMT read the train rows %.1f times", passes);
  if (model.single >= 0) {
    text += Format(", %.2f times as often as each task alone together",
                   passes / Mean(model.methods[model.single].row_passes));
  }
  if (weightings > 0) {
    text +=
        Format(", %.2f times as often as %s", passes / WeightingPasses(model),
               weightings == 1 ? "the weighting" : Format("all %d weightings", weightings).c_str());
  }
  return text + ".";
}

double WeightingPasses(const ModelComparison& model) {
  double passes = 0;
  for (const MethodFigures& method : model.methods) {
    if (method.kind == Method::Kind::kWeighted) passes += Mean(method.row_passes);
  }
  return passes;
}

int WeightingCount(const ModelComparison& model) {
  int count = 0;
  for (const MethodFigures& method : model.methods) {
    count += method.kind == Method::Kind::kWeighted ? 1 : 0;
  }
  return count;
}

}  // namespace primacy
