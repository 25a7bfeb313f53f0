#include "tools/compare/page.h"

#include <cmath>

#include "common/base/strings.h"
#include "tools/compare/curve_plot.h"
#include "tools/compare/figure_text.h"
#include "tools/compare/pareto_plot.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

using Kind = Method::Kind;

std::string Paragraph(const std::string& text, const char* style = "") {
  const std::string attribute = *style == '\0' ? "" : Format(" class=\"%s\"", style);
  return "<p" + attribute + ">" + EscapeMarkup(text) + "</p>\n";
}

const char* SideStyle(Side side) {
  if (side == Side::kAbove) return "above";
  return side == Side::kBelow ? "below" : "";
}

std::string Arrow(Side side) {
  if (side == Side::kAbove) return "▲ ";
  return side == Side::kBelow ? "▼ " : "";
}

std::string Against(const std::string& whom, const PairedDifference& difference) {
  const Side side = SideOf(difference);
  return "<dt>NMT − " + EscapeMarkup(whom) + "</dt><dd class=\"" + SideStyle(side) + "\">" +
         Arrow(side) + DifferenceText(difference) + "</dd>";
}

// One task of NMT against what it is measured with.
std::string TaskCard(const Comparison& comparison, const ModelComparison& model, size_t task) {
  const std::vector<double>& auc = model.methods[model.nmt].tasks[task].test;
  std::string card = "<div class=\"card\"><h4>" + EscapeMarkup(comparison.tasks[task]) +
                     (task == 0 ? " <span>first task</span>" : "") + "</h4><div class=\"big\">" +
                     AucText(Mean(auc));
  const double error = StandardError(auc);
  if (std::isfinite(error)) card += Format(" <small>± %.4f</small>", error);
  card += "</div><dl>";
  for (const int other : {model.single, model.chosen}) {
    if (other < 0) continue;
    const MethodFigures& method = model.methods[other];
    card += Against(method.name, DifferenceToNmt(model, method, task));
  }
  return card + "</dl></div>\n";
}

std::string CostCard(const ModelComparison& model) {
  const MethodFigures& nmt = model.methods[model.nmt];
  const double passes = Mean(nmt.row_passes);
  std::string card =
      "<div class=\"card\"><h4>Cost of NMT <span>per seed</span></h4>"
      "<div class=\"big\">" +
      Format("%.1f <small>passes over the train rows</small></div><dl>", passes);
  if (model.single >= 0) {
    const double alone = Mean(model.methods[model.single].row_passes);
    card += Format("<dt>each task alone, together</dt><dd>%.1f passes (NMT: %.2f ×)</dd>", alone,
                   passes / alone);
  }
  const int weightings = WeightingCount(model);
  if (weightings > 0) {
    card += Format("<dt>%d weighting%s, together</dt><dd>%.1f passes</dd>", weightings,
                   weightings == 1 ? "" : "s", WeightingPasses(model));
  }
  return card + "</dl></div>\n";
}

std::string VerdictCard(const Comparison& comparison, const ModelComparison& model) {
  const MethodFigures& nmt = model.methods[model.nmt];
  std::string card = "<div class=\"card\"><h4>Constraints of NMT</h4><dl>";
  if (nmt.verdicts.total() > 0) {
    card += "<dt>on the test slice, last stages of all seeds</dt><dd>" + VerdictText(nmt.verdicts) +
            "</dd>";
  }
  card += Format("<dt>on the hold-out slice</dt><dd>all kept in %d of %zu trainings</dd>", nmt.kept,
                 comparison.seeds.size());
  return card + "</dl></div>\n";
}

std::string Cards(const Comparison& comparison, const ModelComparison& model) {
  if (model.nmt < 0) return "";
  std::string cards = "<div class=\"cards\">\n";
  for (size_t t = 0; t < comparison.tasks.size(); ++t) cards += TaskCard(comparison, model, t);
  cards += CostCard(model);
  if (comparison.tasks.size() > 1) cards += VerdictCard(comparison, model);
  return cards + "</div>\n";
}

std::string Row(const ModelComparison& model, size_t index) {
  const MethodFigures& method = model.methods[index];
  const bool nmt = static_cast<int>(index) == model.nmt;
  const bool chosen = static_cast<int>(index) == model.chosen;
  std::string row = std::string(nmt ? "<tr class=\"nmt\">" : "<tr>") + "<td>" +
                    EscapeMarkup(method.name) +
                    (chosen ? "<small>← chosen on hold-out</small>" : "") + "</td>";
  for (size_t t = 0; t < method.tasks.size(); ++t) {
    row += "<td>" + MeanText(method.tasks[t].test);
    if (model.nmt >= 0 && !nmt) {
      const PairedDifference difference = DifferenceToNmt(model, method, t);
      row += Format("<small class=\"%s\">", SideStyle(SideOf(difference))) +
             DifferenceText(difference) + "</small>";
    }
    row += "</td>";
  }
  return row +
         Format("<td>%.1f</td><td>%.1f</td></tr>\n", Mean(method.row_passes), Mean(method.seconds));
}

std::string Table(const Comparison& comparison, const ModelComparison& model) {
  std::string table = "<div class=\"scroll\"><table>\n<thead><tr><th>test AUC</th>";
  for (const std::string& task : comparison.tasks) table += "<th>" + EscapeMarkup(task) + "</th>";
  table += "<th>passes</th><th>seconds</th></tr></thead>\n<tbody>\n";
  struct Group {
    Kind kind;
    const char* title;
  };
  constexpr Group kGroups[] = {{Kind::kNmt, "In order of priority"},
                               {Kind::kSingle, "One training per task"},
                               {Kind::kWeighted, "Fixed weights"},
                               {Kind::kRival, "Other methods"}};
  for (const Group& group : kGroups) {
    std::string rows;
    for (size_t m = 0; m < model.methods.size(); ++m) {
      if (model.methods[m].kind == group.kind) rows += Row(model, m);
    }
    if (rows.empty()) continue;
    table +=
        Format("<tr><th colspan=\"%zu\">%s</th></tr>\n", comparison.tasks.size() + 3, group.title) +
        rows;
  }
  return table + "</tbody></table></div>\n";
}

std::string TableNote(const Comparison& comparison, const ModelComparison& model) {
  std::string note = "Mean ± standard error over " + SeedsText(comparison) + ".";
  if (model.nmt >= 0) {
    note +=
        " Below, small: NMT − the method, paired by seed, with the 95 % interval of Student's t;"
        " green where NMT is better by more than chance, red where it is worse.";
  }
  if (comparison.seeds.size() < 2) note += " One seed has no intervals.";
  return Paragraph(note +
                       " Passes count how often the train rows were read, bounds included;"
                       " seconds are of this machine under its load at the time.",
                   "soft");
}

std::string Figure(const char* title, const std::string& svg, const std::string& caption) {
  if (svg.empty()) return "";
  return Format("<h3>%s</h3>\n<figure>", title) + svg + "<figcaption>" + EscapeMarkup(caption) +
         "</figcaption></figure>\n";
}

std::string ModelSection(const Comparison& comparison, const ModelComparison& model,
                         const ModelPictures& pictures) {
  std::string section = "<section id=\"" + EscapeMarkup(model.folder) + "\">\n<h2>" +
                        EscapeMarkup(model.model) + "</h2>\n" + Cards(comparison, model) +
                        Table(comparison, model) + TableNote(comparison, model);
  const std::string choice = ChoiceText(comparison, model);
  if (!choice.empty()) {
    section += "<h3>The weighting to compare with</h3>\n" + Paragraph(choice) +
               Paragraph(
                   "The choice looked at hold-out figures only. Every figure in the table and "
                   "the picture is of the test slice, which took no part in it.",
                   "soft");
  }
  section += Figure("What the first task kept, what the others reached", pictures.pareto,
                    "Means over seeds on the test slice, bars are standard errors. Up and to the "
                    "right is better. Grey ground: the first task lost more than " +
                        Format("%.3f", comparison.kept_margin) + " against training it alone.");
  section += Figure("Multipliers", pictures.lambda,
                    "λ of each constraint at every evaluation: bold the mean while half the seeds "
                    "are still training, faint every seed, a dot where a seed's model was taken.");
  section += Figure("Hold-out losses", pictures.loss,
                    "The same stages by their loss on the hold-out slice; dashed the loss that the "
                    "task is held to, mean over seeds. Steep beginnings are cut off.");
  return section + "</section>\n";
}

std::string Head(const Comparison& comparison) {
  std::string order;
  for (const std::string& task : comparison.tasks) {
    order += (order.empty() ? "" : " › ") + EscapeMarkup(task);
  }
  std::string head = "<h1>" + EscapeMarkup(comparison.job) +
                     "</h1>\n<p>In order of priority: <span class=\"order\">" + order +
                     "</span></p>\n";
  head += Paragraph(SeedsText(comparison) +
                        Format(" · %d server%s, %d worker%s a training", comparison.servers,
                               comparison.servers == 1 ? "" : "s", comparison.workers,
                               comparison.workers == 1 ? "" : "s") +
                        " · stages and stopping points are chosen on the hold-out slice, figures "
                        "are of the test slice",
                    "soft");
  if (comparison.models.size() > 1) {
    head += "<nav>";
    for (const ModelComparison& model : comparison.models) {
      head +=
          "<a href=\"#" + EscapeMarkup(model.folder) + "\">" + EscapeMarkup(model.model) + "</a>";
    }
    head += "</nav>\n";
  }
  return head;
}

}  // namespace

ModelPictures DrawModel(const Comparison& comparison, const ModelComparison& model) {
  return {ParetoSvg(comparison, model), LambdaSvg(comparison, model), LossSvg(comparison, model)};
}

std::string ComparisonPage(const Comparison& comparison,
                           const std::vector<ModelPictures>& pictures) {
  CHECK_EQ(pictures.size(), comparison.models.size());
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
      EscapeMarkup(comparison.job) + ": methods compared</title>\n<style>" + PageStyle() +
      "</style>\n</head>\n<body><main>\n" + Head(comparison);
  for (size_t m = 0; m < pictures.size(); ++m) {
    page += ModelSection(comparison, comparison.models[m], pictures[m]);
  }
  return page + "</main></body>\n</html>\n";
}

}  // namespace primacy
