#include "tools/compare/table.h"

#include <algorithm>

#include "common/base/strings.h"
#include "tools/compare/figure_text.h"

namespace primacy {
namespace {

// Rows of cells whose columns line up; cells are UTF-8.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> head) { Add(std::move(head)); }

  void Add(std::vector<std::string> row) {
    if (row.size() > widths_.size()) widths_.resize(row.size());
    for (size_t c = 0; c < row.size(); ++c) widths_[c] = std::max(widths_[c], Width(row[c]));
    rows_.push_back(std::move(row));
  }

  std::string Draw() const {
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
      std::string line;
      for (size_t c = 0; c < row.size(); ++c) {
        line += row[c] + std::string(widths_[c] - Width(row[c]) + 2, ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
    return text;
  }

 private:
  static size_t Width(const std::string& cell) {
    return static_cast<size_t>(std::count_if(cell.begin(), cell.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
  }

  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

std::string Figures(const Comparison& comparison, const ModelComparison& model) {
  std::vector<std::string> head = {"test AUC, " + model.model};
  head.insert(head.end(), comparison.tasks.begin(), comparison.tasks.end());
  head.insert(head.end(), {"passes", "seconds"});
  TextTable table(std::move(head));
  for (size_t m = 0; m < model.methods.size(); ++m) {
    const MethodFigures& method = model.methods[m];
    std::vector<std::string> row = {method.name};
    for (const TaskFigures& task : method.tasks) row.push_back(MeanText(task.test));
    row.push_back(Format("%6.1f", Mean(method.row_passes)));
    row.push_back(Format("%7.1f", Mean(method.seconds)));
    if (static_cast<int>(m) == model.chosen) row.emplace_back("<- chosen on the hold-out slice");
    table.Add(std::move(row));
  }
  return table.Draw() + "mean ± standard error over " + SeedsText(comparison) + "\n";
}

std::string Differences(const Comparison& comparison, const ModelComparison& model) {
  if (model.nmt < 0 || model.methods.size() < 2) return "";
  std::vector<std::string> head = {"NMT - method"};
  head.insert(head.end(), comparison.tasks.begin(), comparison.tasks.end());
  TextTable table(std::move(head));
  for (size_t m = 0; m < model.methods.size(); ++m) {
    if (static_cast<int>(m) == model.nmt) continue;
    std::vector<std::string> row = {model.methods[m].name};
    for (size_t t = 0; t < comparison.tasks.size(); ++t) {
      row.push_back(DifferenceText(DifferenceToNmt(model, model.methods[m], t)));
    }
    table.Add(std::move(row));
  }
  return table.Draw() + "paired by seed, 95 % interval\n";
}

}  // namespace

std::string ComparisonTable(const Comparison& comparison) {
  std::string text;
  for (const ModelComparison& model : comparison.models) {
    if (!text.empty()) text += "\n";
    text += Figures(comparison, model);
    const std::string differences = Differences(comparison, model);
    if (!differences.empty()) text.append("\n").append(differences);
    const std::string choice = ChoiceText(comparison, model);
    if (!choice.empty()) text.append("\n").append(choice).append("\n");
    const std::string cost = CostText(model);
    if (!cost.empty()) text.append("\n").append(cost).append("\n");
    if (model.nmt < 0) continue;
    const MethodFigures& nmt = model.methods[model.nmt];
    if (nmt.verdicts.total() > 0) {
      text +=
          "Constraints of NMT's last stage on the test slice: " + VerdictText(nmt.verdicts) + ".\n";
    }
  }
  return text;
}

}  // namespace primacy
