#include "tools/compare/pareto_plot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/base/strings.h"
#include "tools/compare/axis.h"
#include "tools/compare/label_layout.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

using Kind = Method::Kind;

constexpr double kWidth = 900, kTop = 62, kLeft = 66, kGap = 84, kRight = 18;
constexpr double kPanelHeight = 330, kRowHeight = kPanelHeight + 78;
constexpr size_t kNamedWeightingsMax = 6;

// One method in one panel.
struct Mark {
  const MethodFigures* method = nullptr;
  bool chosen = false;
  Point mean, error;  // in AUC; an error of 0 where one seed says nothing of it
};

const char* StyleOf(Kind kind) {
  switch (kind) {
    case Kind::kSingle:
      return "alone";
    case Kind::kWeighted:
      return "weighted";
    case Kind::kRival:
      return "rival";
    case Kind::kNmt:
      break;
  }
  return "nmt";
}

std::string ShortName(const MethodFigures& method) {
  constexpr std::string_view kWeighted = "weighted ";
  if (method.kind != Kind::kWeighted || !method.name.starts_with(kWeighted)) return method.name;
  return method.name.substr(kWeighted.size());
}

double ErrorOf(const std::vector<double>& auc) {
  const double error = StandardError(auc);
  return std::isfinite(error) ? error : 0;
}

// What lies on top comes last.
std::vector<Mark> MarksOf(const ModelComparison& model, size_t task) {
  std::vector<Mark> marks;
  for (const Kind kind : {Kind::kWeighted, Kind::kRival, Kind::kSingle, Kind::kNmt}) {
    for (size_t m = 0; m < model.methods.size(); ++m) {
      const MethodFigures& method = model.methods[m];
      if (method.kind != kind) continue;
      const std::vector<double>&a = method.tasks[0].test, &b = method.tasks[task].test;
      const Point mean = {Mean(a), Mean(b)};
      if (!std::isfinite(mean.x) || !std::isfinite(mean.y)) continue;
      marks.push_back(
          {&method, static_cast<int>(m) == model.chosen, mean, {ErrorOf(a), ErrorOf(b)}});
    }
  }
  return marks;
}

struct Ranges {
  Range x, y;
};

template <typename Wanted>
Ranges RangesOf(const std::vector<Mark>& marks, const Wanted& wanted) {
  std::vector<double> x, y;
  for (const Mark& mark : marks) {
    if (!wanted(mark)) continue;
    for (const double sign : {-1.0, 1.0}) {
      x.push_back(mark.mean.x + sign * mark.error.x);
      y.push_back(mark.mean.y + sign * mark.error.y);
    }
  }
  constexpr double kMargin = 0.12, kLeast = 0.004;
  return {RangeOf(x, kMargin, kLeast), RangeOf(y, kMargin, kLeast)};
}

double Width(const Range& range) { return range.high - range.low; }

class Panel {
 public:
  Panel(const Comparison& comparison, const ModelComparison& model, size_t task,
        const std::vector<Mark>& marks, const Box& box, const Ranges& ranges, Svg& svg)
      : comparison_(comparison),
        model_(model),
        task_(task),
        marks_(marks),
        box_(box),
        x_{ranges.x, box.left, box.right},
        y_{ranges.y, box.bottom, box.top},
        svg_(svg) {}

  void Draw(const std::string& title, bool name_all) {
    svg_.Text({box_.left, box_.top - 10}, title, "title");
    DrawReferences();
    DrawFrame(box_, x_, y_, svg_);
    svg_.Text({(box_.left + box_.right) / 2, box_.bottom + 34},
              "test AUC of " + comparison_.tasks[0] + " (first task)", "small", Anchor::kMiddle);
    svg_.UprightText({box_.left - 50, (box_.top + box_.bottom) / 2},
                     "test AUC of " + comparison_.tasks[task_], "small");
    for (const Mark& mark : marks_) {
      if (IsInside(mark)) DrawMark(mark);
    }
    DrawNames(name_all);
  }

 private:
  Point At(const Point& auc) const { return {x_(auc.x), y_(auc.y)}; }

  bool IsInside(const Mark& mark) const {
    const Point at = At(mark.mean);
    return at.x >= box_.left && at.x <= box_.right && at.y >= box_.top && at.y <= box_.bottom;
  }

  void DrawReferences() {
    if (model_.single < 0) return;
    const MethodFigures& single = model_.methods[model_.single];
    const double first = Mean(single.tasks[0].test), other = Mean(single.tasks[task_].test);
    if (!std::isfinite(first) || !std::isfinite(other)) return;
    svg_.BeginClip(box_);
    const double lost = x_(first - comparison_.kept_margin);
    if (lost > box_.left) {
      svg_.Rectangle({box_.left, box_.top, std::min(lost, box_.right), box_.bottom}, "lost");
    }
    svg_.Line({x_(first), box_.top}, {x_(first), box_.bottom}, "reference");
    svg_.Line({box_.left, y_(other)}, {box_.right, y_(other)}, "reference");
    svg_.EndClip();
  }

  void DrawMark(const Mark& mark) {
    const std::string style = StyleOf(mark.method->kind);
    const Point& mean = mark.mean;
    svg_.BeginClip(box_);
    svg_.Line(At({mean.x - mark.error.x, mean.y}), At({mean.x + mark.error.x, mean.y}),
              style + "-bar");
    svg_.Line(At({mean.x, mean.y - mark.error.y}), At({mean.x, mean.y + mark.error.y}),
              style + "-bar");
    svg_.EndClip();
    const std::string title = Format("%s: %.4f, %.4f", mark.method->name.c_str(), mean.x, mean.y);
    if (mark.method->kind == Kind::kNmt) {
      svg_.Diamond(At(mean), 9, style, title);
    } else if (mark.method->kind == Kind::kSingle) {
      svg_.Diamond(At(mean), 7, style, title);
    } else {
      svg_.Circle(At(mean), mark.method->kind == Kind::kRival ? 4.2 : 4.5, style, title);
    }
    if (mark.chosen) svg_.Circle(At(mean), 8, "chosen");
  }

  void DrawNames(bool name_all) {
    const auto weightings = std::count_if(marks_.begin(), marks_.end(), [](const Mark& mark) {
      return mark.method->kind == Kind::kWeighted;
    });
    const bool name_weightings = static_cast<size_t>(weightings) <= kNamedWeightingsMax;
    std::vector<Label> labels;
    std::vector<std::string> styles;
    std::vector<Point> points;
    // The most important names get the best places.
    for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
      if (!IsInside(*mark)) continue;
      const Kind kind = mark->method->kind;
      points.push_back(At(mark->mean));
      const bool named = kind == Kind::kNmt || kind == Kind::kSingle || mark->chosen ||
                         (kind == Kind::kRival ? name_all : name_weightings);
      if (!named) continue;
      const bool large = kind == Kind::kNmt || kind == Kind::kSingle;
      labels.push_back({At(mark->mean), ShortName(*mark->method), large ? 12.0 : 11.0,
                        mark->chosen || large ? 11.0 : 7.0, large});
      styles.push_back("name " +
                       (kind == Kind::kSingle ? "strong" : std::string(StyleOf(kind)) + "-text"));
    }
    const std::vector<PlacedLabel> placed = PlaceLabels(labels, points, box_);
    for (size_t i = 0; i < placed.size(); ++i) {
      if (placed[i].leader) svg_.Line(labels[i].at, placed[i].leader_end, "leader");
      svg_.Text(placed[i].baseline, labels[i].text, styles[i]);
    }
  }

  const Comparison& comparison_;
  const ModelComparison& model_;
  const size_t task_;
  const std::vector<Mark>& marks_;
  const Box box_;
  const Axis x_, y_;
  Svg& svg_;
};

bool Has(const ModelComparison& model, Kind kind) {
  return std::any_of(model.methods.begin(), model.methods.end(),
                     [kind](const MethodFigures& method) { return method.kind == kind; });
}

void DrawLegend(const ModelComparison& model, Svg& svg) {
  struct Entry {
    Kind kind;
    const char* text;
  };
  constexpr Entry kEntries[] = {{Kind::kNmt, "NMT"},
                                {Kind::kSingle, "each task alone (dashed)"},
                                {Kind::kWeighted, "fixed weights"},
                                {Kind::kRival, "other methods"}};
  double x = kLeft;
  const auto add = [&](const std::string& text) {
    svg.Text({x + 13, 24}, text, "");
    x += 13 + TextWidth(text, 12) + 26;
  };
  for (const Entry& entry : kEntries) {
    if (!Has(model, entry.kind)) continue;
    const bool diamond = entry.kind == Kind::kNmt || entry.kind == Kind::kSingle;
    if (diamond) {
      svg.Diamond({x, 20}, 7, StyleOf(entry.kind));
    } else {
      svg.Circle({x, 20}, 4.5, StyleOf(entry.kind));
    }
    add(entry.text);
  }
  if (model.chosen < 0) return;
  svg.Circle({x, 20}, 6.5, "chosen");
  add("chosen on hold-out");
}

// The corner where methods that favour no task crowd, when the whole picture is much larger.
bool NeedsCloseUp(const ModelComparison& model, const Ranges& all, const Ranges& focus) {
  constexpr double kLarger = 1.8;
  return Has(model, Kind::kRival) &&
         (Width(all.x) > kLarger * Width(focus.x) || Width(all.y) > kLarger * Width(focus.y));
}

}  // namespace

std::string ParetoSvg(const Comparison& comparison, const ModelComparison& model) {
  const size_t tasks = comparison.tasks.size();
  if (tasks < 2) return "";
  Svg svg(kWidth, kTop + kRowHeight * static_cast<double>(tasks - 1) - 24,
          model.model + ": test AUC of " + comparison.tasks[0] + " against the other tasks");
  DrawLegend(model, svg);
  for (size_t task = 1; task < tasks; ++task) {
    const std::vector<Mark> marks = MarksOf(model, task);
    const Ranges all = RangesOf(marks, [](const Mark&) { return true; });
    const Ranges focus =
        RangesOf(marks, [](const Mark& mark) { return mark.method->kind != Kind::kWeighted; });
    const double top = kTop + kRowHeight * static_cast<double>(task - 1);
    const bool two = NeedsCloseUp(model, all, focus);
    const double width = two ? (kWidth - kLeft - kGap - kRight) / 2 : kWidth - kLeft - kRight;
    const Box box = {kLeft, top, kLeft + width, top + kPanelHeight};
    const std::string title = comparison.tasks[0] + " and " + comparison.tasks[task];
    Panel(comparison, model, task, marks, box, all, svg).Draw(title, /*name_all=*/!two);
    if (!two) continue;
    const double left = box.right + kGap;
    Panel(comparison, model, task, marks, {left, box.top, left + width, box.bottom}, focus, svg)
        .Draw(title + ", close up", /*name_all=*/true);
  }
  return std::move(svg).Take();
}

}  // namespace primacy
