#include "tools/compare/curve_plot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/base/strings.h"
#include "tools/compare/axis.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

constexpr double kLeft = 62, kTop = 12, kRight = 16, kWidthMax = 900;
constexpr double kPanelHeight = 150, kHead = 44, kFoot = 46, kColumnGap = 58;

enum class What { kLoss, kLambda };

const std::vector<Curve>& CurvesOf(const TaskCurves& task, What what) {
  return what == What::kLoss ? task.loss : task.lambda;
}

bool HasPoints(const std::vector<Curve>& curves) {
  return std::any_of(curves.begin(), curves.end(), [](const Curve& c) { return !c.empty(); });
}

const TaskCurves* Find(const StageCurves& stage, const std::string& name, What what) {
  for (const TaskCurves& task : stage.tasks) {
    if (task.task == name && HasPoints(CurvesOf(task, what))) return &task;
  }
  return nullptr;
}

// From the lowest value up; the first steps of a stage, far above all that follows, are cut off.
Range CutRange(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return {0, 1};
  std::sort(values.begin(), values.end());
  constexpr double kQuantile = 0.8, kHeadroom = 1.8;
  const double low = values.front();
  const double usual =
      values[static_cast<size_t>(kQuantile * static_cast<double>(values.size() - 1))];
  const double high = std::min(values.back(), low + kHeadroom * (usual - low));
  const double width = std::max(high - low, 1e-3 * std::max(std::abs(low), 1e-3));
  return {low - 0.08 * width, low + 1.08 * width};
}

class CurveGrid {
 public:
  CurveGrid(const Comparison& comparison, const ModelComparison& model, What what)
      : comparison_(comparison), model_(model), what_(what) {
    for (size_t s = 0; s < model.curves.size(); ++s) {
      bool any = false;
      for (const std::string& task : comparison.tasks) {
        any = any || Find(model.curves[s], task, what) != nullptr;
      }
      if (any) stages_.push_back(s);
    }
    for (size_t t = 0; t < comparison.tasks.size(); ++t) {
      if (std::any_of(stages_.begin(), stages_.end(), [&](size_t s) {
            return Find(model.curves[s], comparison.tasks[t], what) != nullptr;
          })) {
        tasks_.push_back(t);
      }
    }
  }

  std::string Draw() const {
    if (tasks_.empty()) return "";
    const auto columns = static_cast<double>(tasks_.size());
    constexpr double kPanelWidthMax = 380;
    const double panel = std::min(
        kPanelWidthMax, (kWidthMax - kLeft - kRight - (columns - 1) * kColumnGap) / columns);
    const double row = kHead + kPanelHeight + kFoot;
    Svg svg(kLeft + columns * panel + (columns - 1) * kColumnGap + kRight,
            kTop + row * static_cast<double>(stages_.size()), Title());
    for (size_t r = 0; r < stages_.size(); ++r) {
      const StageCurves& stage = model_.curves[stages_[r]];
      const double top = kTop + row * static_cast<double>(r);
      svg.Text({kLeft, top + 14}, Format("stage %zu: %s", stages_[r] + 1, stage.name.c_str()),
               "title");
      for (size_t c = 0; c < tasks_.size(); ++c) {
        const TaskCurves* task = Find(stage, comparison_.tasks[tasks_[c]], what_);
        if (task == nullptr) continue;
        const double left = kLeft + static_cast<double>(c) * (panel + kColumnGap);
        DrawPanel(stage, *task, tasks_[c],
                  {left, top + kHead, left + panel, top + kHead + kPanelHeight}, svg);
      }
    }
    return std::move(svg).Take();
  }

 private:
  std::string Title() const {
    return model_.model + (what_ == What::kLoss ? ": hold-out losses of NMT's stages"
                                                : ": multipliers of NMT's stages");
  }

  // Of a task over all stages, so that they can be read against each other.
  Range ValuesOf(size_t task) const {
    std::vector<double> values;
    for (const size_t s : stages_) {
      const TaskCurves* curves = Find(model_.curves[s], comparison_.tasks[task], what_);
      if (curves == nullptr) continue;
      for (const Curve& curve : CurvesOf(*curves, what_)) {
        for (const CurvePoint& point : curve) values.push_back(point.value);
      }
    }
    if (what_ == What::kLoss) return CutRange(values);
    values.push_back(0);
    Range range = RangeOf(values, 0.08, 0.1);
    range.low = 0;
    return range;
  }

  static Range PassesOf(const StageCurves& stage) {
    std::vector<double> passes = {0};
    for (const TaskCurves& task : stage.tasks) {
      for (const Curve& curve : task.loss) {
        if (!curve.empty()) passes.push_back(curve.back().pass);
      }
    }
    return RangeOf(passes, 0, 0.1);
  }

  void DrawPanel(const StageCurves& stage, const TaskCurves& task, size_t index, const Box& box,
                 Svg& svg) const {
    const Axis x{PassesOf(stage), box.left, box.right};
    const Axis y{ValuesOf(index), box.bottom, box.top};
    const char* role = task.constraint ? ", constraint" : ", objective";
    svg.Text({box.left, box.top - 9}, (what_ == What::kLambda ? "λ of " : "") + task.task + role,
             "strong");
    DrawFrame(box, x, y, svg);
    svg.Text({(box.left + box.right) / 2, box.bottom + 30}, "passes", "small", Anchor::kMiddle);
    svg.BeginClip(box);
    const std::string style = TaskStyle(index);
    const std::vector<Curve>& curves = CurvesOf(task, what_);
    const auto place = [&](const Curve& curve) {
      std::vector<Point> points;
      for (const CurvePoint& point : curve) {
        if (std::isfinite(point.value)) points.push_back({x(point.pass), y(point.value)});
      }
      return points;
    };
    for (const Curve& curve : curves) svg.Polyline(place(curve), style + " seed");
    for (size_t seed = 0; seed < curves.size(); ++seed) {
      for (const CurvePoint& point : curves[seed]) {
        if (point.pass != stage.chosen_pass[seed] || !std::isfinite(point.value)) continue;
        svg.Circle({x(point.pass), y(point.value)}, 2.6, style + " dot");
      }
    }
    svg.Polyline(place(MeanCurve(curves)), style + " mean");
    if (what_ == What::kLoss && task.constraint) {
      const double bound = y(Mean(task.bound));
      if (std::isfinite(bound)) svg.Line({box.left, bound}, {box.right, bound}, "reference");
    }
    svg.EndClip();
  }

  const Comparison& comparison_;
  const ModelComparison& model_;
  const What what_;
  std::vector<size_t> stages_, tasks_;  // those that have something to show
};

}  // namespace

std::string LossSvg(const Comparison& comparison, const ModelComparison& model) {
  return CurveGrid(comparison, model, What::kLoss).Draw();
}

std::string LambdaSvg(const Comparison& comparison, const ModelComparison& model) {
  return CurveGrid(comparison, model, What::kLambda).Draw();
}

}  // namespace primacy
