// A linear scale of a plot and where its ticks are.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/svg.h"

namespace primacy {

struct Range {
  double low = 0;
  double high = 1;
};

// The range of the finite values, widened by `margin` of its width and to at least `least`; 0 to 1
// where there is none.
Range RangeOf(const std::vector<double>& values, double margin, double least);

// From values to pixels.
struct Axis {
  Range range;
  double from = 0;  // pixel of range.low
  double to = 1;    // pixel of range.high
  double operator()(double value) const {
    return from + (value - range.low) / (range.high - range.low) * (to - from);
  }
};

struct Tick {
  double value = 0;
  std::string text;
};

// About `count` round values within the range: multiples of 1, 2 or 5 times a power of ten.
std::vector<Tick> TicksOf(const Range& range, int count);

// A plot's frame: grid lines and labels of both axes around `box`.
void DrawFrame(const Box& box, const Axis& x, const Axis& y, Svg& svg);

}  // namespace primacy
