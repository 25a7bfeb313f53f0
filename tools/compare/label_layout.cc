#include "tools/compare/label_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace primacy {
namespace {

constexpr double kObstacleRadius = 5;
constexpr double kOutside = 1e6;  // as bad as it gets

double Overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

Box Around(const Point& at, double radius) {
  return {at.x - radius, at.y - radius, at.x + radius, at.y + radius};
}

bool IsWithin(const Box& box, const Box& frame) {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top &&
         box.bottom <= frame.bottom;
}

// The text's box when it lies in direction `angle` from its point.
Box BoxOf(const Label& label, double angle, double distance) {
  constexpr double kTaller = 1.5;  // so that a text at a corner of its point is clear of it
  constexpr double kBolder = 1.2;
  const double width = TextWidth(label.text, label.font_size) * (label.bold ? kBolder : 1);
  const double height = label.font_size * 1.15;
  const Point middle = {
      label.at.x + std::cos(angle) * (distance + width / 2),
      label.at.y + std::sin(angle) * (kTaller * distance + height / 2),
  };
  return {middle.x - width / 2, middle.y - height / 2, middle.x + width / 2, middle.y + height / 2};
}

PlacedLabel MakePlaced(const Label& label, const Box& box, double distance) {
  PlacedLabel placed;
  placed.box = box;
  placed.baseline = {box.left, box.bottom - label.font_size * 0.3};
  placed.leader = distance > 2 * label.clearance;
  placed.leader_end = {std::clamp(label.at.x, box.left, box.right),
                       std::clamp(label.at.y, box.top, box.bottom)};
  return placed;
}

}  // namespace

std::vector<PlacedLabel> PlaceLabels(const std::vector<Label>& labels,
                                     const std::vector<Point>& obstacles, const Box& frame) {
  constexpr int kAngles = 16, kRings = 12;
  constexpr double kRing = 9, kFirstTurn = -0.25;
  std::vector<PlacedLabel> placed;
  for (const Label& label : labels) {
    double least = 2 * kOutside;
    PlacedLabel best;
    for (int ring = 0; ring < kRings && least > 0; ++ring) {
      const double distance = label.clearance + ring * kRing;
      for (int k = 0; k < kAngles && least > 0; ++k) {
        // Above to the right first, clear of the point's bars, then by turns on both sides of it.
        const int angles = (k + 1) / 2;
        const double turn = kFirstTurn + (k % 2 == 0 ? angles : -angles) * 2.0 / kAngles;
        const Box box = BoxOf(label, turn * std::numbers::pi, distance);
        double covered = IsWithin(box, frame) ? 0 : kOutside;
        for (const PlacedLabel& other : placed) covered += Overlap(box, other.box);
        for (const Point& point : obstacles) {
          covered += Overlap(box, Around(point, kObstacleRadius));
        }
        if (covered >= least) continue;
        least = covered;
        best = MakePlaced(label, box, distance);
      }
    }
    placed.push_back(best);
  }
  return placed;
}

}  // namespace primacy
