#include "tools/compare/axis.h"

#include <algorithm>
#include <cmath>

#include "common/base/strings.h"

namespace primacy {

Range RangeOf(const std::vector<double>& values, double margin, double least) {
  Range range{1, 0};
  bool any = false;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    range.low = any ? std::min(range.low, value) : value;
    range.high = any ? std::max(range.high, value) : value;
    any = true;
  }
  if (!any) return {0, 1};
  const double width = range.high - range.low;
  const double wider = std::max(width * margin, (least - width) / 2);
  return {range.low - wider, range.high + wider};
}

std::vector<Tick> TicksOf(const Range& range, int count) {
  const double raw = (range.high - range.low) / count;
  if (!(raw > 0) || !std::isfinite(raw)) return {};
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double nice : {5.0, 2.0, 1.0}) {
    if (nice * power >= raw * 0.999) step = nice * power;
  }
  const int digits = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  std::vector<Tick> ticks;
  for (double k = std::ceil(range.low / step - 1e-9); k * step <= range.high + 1e-9 * step; ++k) {
    const double value = k == 0 ? 0 : k * step;
    ticks.push_back({value, Format("%.*f", digits, value)});
  }
  return ticks;
}

void DrawFrame(const Box& box, const Axis& x, const Axis& y, Svg& svg) {
  constexpr double kTickPixels = 65, kTickRows = 38;
  const int columns = std::max(2, static_cast<int>((box.right - box.left) / kTickPixels));
  const int rows = std::max(2, static_cast<int>((box.bottom - box.top) / kTickRows));
  for (const Tick& tick : TicksOf(x.range, columns)) {
    const double at = x(tick.value);
    svg.Line({at, box.top}, {at, box.bottom}, "grid");
    svg.Text({at, box.bottom + 15}, tick.text, "small", Anchor::kMiddle);
  }
  for (const Tick& tick : TicksOf(y.range, rows)) {
    const double at = y(tick.value);
    svg.Line({box.left, at}, {box.right, at}, "grid");
    svg.Text({box.left - 6, at + 4}, tick.text, "small", Anchor::kEnd);
  }
  svg.Rectangle(box, "axis");
}

}  // namespace primacy
