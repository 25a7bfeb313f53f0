// The comparison as a table and as JSON.
#include <algorithm>
#include <cmath>

#include "common/base/json.h"
#include "common/base/strings.h"
#include "tools/compare/compare.h"

namespace primacy {
namespace {

// 16 characters wide.
std::string Cell(const std::vector<double>& auc) {
  const double mean = Mean(auc);
  if (!std::isfinite(mean)) return Format("%-16s", "-");
  return Format("%-16s", Format("%.4f (%.4f)", mean, StandardDeviation(auc)).c_str());
}

std::string Difference(const PairedDifference& difference) {
  if (!std::isfinite(difference.mean)) return "-";
  if (!std::isfinite(difference.low))
    return Format("%+.4f (one seed: no interval)", difference.mean);
  return Format("%+.4f [%+.4f, %+.4f]", difference.mean, difference.low, difference.high);
}

void AppendDifferences(const Comparison& comparison, int other, std::string& text) {
  if (comparison.nmt < 0 || other < 0) return;
  const MethodFigures& nmt = comparison.methods[comparison.nmt];
  const MethodFigures& base = comparison.methods[other];
  text += "NMT - " + base.name + ", paired, 95 % interval:\n";
  for (size_t t = 0; t < comparison.tasks.size(); ++t) {
    text += Format("  %-14s %s\n", comparison.tasks[t].c_str(),
                   Difference(ComparePaired(nmt.tasks[t].test, base.tasks[t].test)).c_str());
  }
}

}  // namespace

std::string FormatComparison(const Comparison& comparison) {
  size_t width = 16;
  for (const MethodFigures& method : comparison.methods)
    width = std::max(width, method.name.size() + 2);
  const int w = static_cast<int>(width);
  std::string text = Format("%-*s", w, "test AUC");
  for (const std::string& task : comparison.tasks) text += Format("  %-16s", task.c_str());
  text += Format("  %8s  %8s\n", "passes", "seconds");
  for (size_t m = 0; m < comparison.methods.size(); ++m) {
    const MethodFigures& method = comparison.methods[m];
    text += Format("%-*s", w, method.name.c_str());
    for (const TaskFigures& task : method.tasks) {
      text += "  " + Cell(task.test);
    }
    text += Format("  %8.1f  %8.1f", Mean(method.row_passes), Mean(method.seconds));
    if (static_cast<int>(m) == comparison.chosen) text += "  <- chosen on the hold-out slice";
    text += "\n";
  }
  text += Format("mean over %zu seeds (standard deviation of a seed)\n\n",
                 comparison.methods.empty() ? 0 : comparison.methods[0].tasks[0].test.size());
  AppendDifferences(comparison, comparison.single, text);
  AppendDifferences(comparison, comparison.chosen, text);
  const bool weighted = std::any_of(
      comparison.methods.begin(), comparison.methods.end(),
      [](const MethodFigures& method) { return method.kind == Method::Kind::kWeighted; });
  if (comparison.single >= 0 && weighted && comparison.chosen < 0)
    text += "no weighting keeps the first task on the hold-out slice\n";
  return text;
}

std::string ComparisonJson(const Comparison& comparison) {
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject().Field("format", 1).Key("methods").BeginArray();
  for (size_t m = 0; m < comparison.methods.size(); ++m) {
    const MethodFigures& method = comparison.methods[m];
    json.BeginObject()
        .Field("name", method.name)
        .Field("chosen", static_cast<int>(m) == comparison.chosen)
        .Field("kept", method.kept)
        .Field("row_passes", Mean(method.row_passes))
        .Field("seconds", Mean(method.seconds));
    json.Key("tasks").BeginObject();
    for (size_t t = 0; t < comparison.tasks.size(); ++t) {
      json.Key(comparison.tasks[t]).BeginObject();
      json.Key("holdout_auc").BeginArray();
      for (double auc : method.tasks[t].holdout) json.Value(auc);
      json.EndArray().Key("test_auc").BeginArray();
      for (double auc : method.tasks[t].test) json.Value(auc);
      json.EndArray().EndObject();
    }
    json.EndObject().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

}  // namespace primacy
