// Places names beside the points of a plot so that they do not cover each other.
#pragma once

#include <string>
#include <vector>

#include "tools/compare/svg.h"

namespace primacy {

struct Label {
  Point at;  // the point that is named
  std::string text;
  double font_size = 11;
  double clearance = 7;  // pixels to keep from the point
  bool bold = false;
};

struct PlacedLabel {
  Point baseline;  // where the text begins
  Box box;         // what it covers
  // From the point to the text, where that is too far to be plain.
  bool leader = false;
  Point leader_end;
};

// Greedily, in the order given: the nearest place within `frame` that covers no point of
// `obstacles` (all labels' points are some) and no label placed before; where there is none, the
// place that covers the least. One for each label.
std::vector<PlacedLabel> PlaceLabels(const std::vector<Label>& labels,
                                     const std::vector<Point>& obstacles, const Box& frame);

}  // namespace primacy
