// The comparison as a picture: first task against second.
#include <algorithm>
#include <cmath>

#include "common/base/strings.h"
#include "tools/compare/compare.h"

namespace primacy {
namespace {

constexpr double kWidth = 720, kHeight = 480, kLeft = 70, kRight = 200, kTop = 40, kBottom = 60;
constexpr const char* kColours[] = {"#4c566a", "#d08770", "#ebcb8b", "#a3be8c",
                                    "#5e81ac", "#b48ead", "#88c0d0"};
constexpr const char* kNmtColour = "#bf1e2e";

// A linear scale from values to pixels, with a margin around the values.
struct Axis {
  double low = 0, high = 1, from = 0, to = 1;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

Axis MakeAxis(const Comparison& comparison, size_t task, double from, double to) {
  double low = 1, high = 0;
  for (const MethodFigures& method : comparison.methods) {
    for (double auc : method.tasks[task].test) {
      if (!std::isfinite(auc)) continue;
      low = std::min(low, auc);
      high = std::max(high, auc);
    }
  }
  if (low > high) return {0, 1, from, to};
  const double margin = std::max(0.002, 0.08 * (high - low));
  return {low - margin, high + margin, from, to};
}

void AppendTicks(const Axis& axis, bool horizontal, std::string& svg) {
  for (int i = 0; i <= 4; ++i) {
    const double value = axis.low + (axis.high - axis.low) * i / 4;
    const double at = axis(value);
    if (horizontal) {
      svg += Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>", at,
                    kTop, at, kHeight - kBottom);
      svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.3f</text>\n", at,
                    kHeight - kBottom + 18, value);
    } else {
      svg += Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>", kLeft,
                    at, kWidth - kRight, at);
      svg += Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.3f</text>\n", kLeft - 8,
                    at + 4, value);
    }
  }
}

std::string Escape(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

}  // namespace

std::string ComparisonSvg(const Comparison& comparison) {
  const size_t second = comparison.tasks.size() > 1 ? 1 : 0;
  const Axis x = MakeAxis(comparison, 0, kLeft, kWidth - kRight);
  const Axis y = MakeAxis(comparison, second, kHeight - kBottom, kTop);
  std::string svg = Format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" "
      "font-family=\"sans-serif\" font-size=\"12\">\n"
      "<style>.grid{stroke:#e5e5e5}</style><rect width=\"100%%\" height=\"100%%\" "
      "fill=\"white\"/>\n",
      kWidth, kHeight);
  AppendTicks(x, true, svg);
  AppendTicks(y, false, svg);
  svg +=
      Format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">test AUC of %s (first)</text>\n",
             (kLeft + kWidth - kRight) / 2, kHeight - 18, Escape(comparison.tasks[0]).c_str());
  svg += Format(
      "<text transform=\"translate(18 %.1f) rotate(-90)\" text-anchor=\"middle\">test AUC of "
      "%s</text>\n",
      (kTop + kHeight - kBottom) / 2, Escape(comparison.tasks[second]).c_str());
  for (size_t m = 0; m < comparison.methods.size(); ++m) {
    const MethodFigures& method = comparison.methods[m];
    const bool nmt = method.kind == Method::Kind::kNmt;
    const char* colour = nmt ? kNmtColour : kColours[m % std::size(kColours)];
    const std::vector<double>&a = method.tasks[0].test, &b = method.tasks[second].test;
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      if (!std::isfinite(a[i]) || !std::isfinite(b[i])) continue;
      svg += Format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\" opacity=\"0.35\"/>",
                    x(a[i]), y(b[i]), colour);
    }
    const double ma = Mean(a), mb = Mean(b), sa = StandardDeviation(a), sb = StandardDeviation(b);
    const bool placed = std::isfinite(ma) && std::isfinite(mb);
    if (placed) {
      svg += Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>",
                    x(ma - sa), y(mb), x(ma + sa), y(mb), colour);
      svg += Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", x(ma),
                    y(mb - sb), x(ma), y(mb + sb), colour);
      svg += Format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%d\" fill=\"%s\"/>\n", x(ma), y(mb),
                    nmt ? 7 : 5, colour);
    }
    const double row = kTop + 18.0 * static_cast<double>(m);
    svg += Format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>", kWidth - kRight + 20,
                  row, colour);
    svg += Format("<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", kWidth - kRight + 32, row + 4,
                  Escape(method.name).c_str());
  }
  return svg + "</svg>\n";
}

}  // namespace primacy
