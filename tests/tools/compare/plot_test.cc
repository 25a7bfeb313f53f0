// Scales and the places of names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tools/compare/axis.h"
#include "tools/compare/label_layout.h"

namespace primacy {
namespace {

using testing::ElementsAre;

std::vector<std::string> TextsOf(const Range& range, int count) {
  std::vector<std::string> texts;
  for (const Tick& tick : TicksOf(range, count)) texts.push_back(tick.text);
  return texts;
}

TEST(AxisTest, TicksAreRound) {
  EXPECT_THAT(TextsOf({0.7412, 0.7588}, 4), ElementsAre("0.745", "0.750", "0.755"));
  EXPECT_THAT(TextsOf({0, 3.2}, 4), ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(TextsOf({-0.3, 0.25}, 3), ElementsAre("-0.2", "0.0", "0.2"));
  EXPECT_THAT(TextsOf({100, 900}, 4), ElementsAre("200", "400", "600", "800"));
  EXPECT_TRUE(TicksOf({1, 1}, 4).empty());
}

TEST(AxisTest, RangesLeaveRoom) {
  const Range range = RangeOf({0.5, NAN, 0.7, INFINITY}, 0.1, 0.01);
  EXPECT_NEAR(range.low, 0.48, 1e-12);
  EXPECT_NEAR(range.high, 0.72, 1e-12);
  const Range point = RangeOf({0.5}, 0.1, 0.01);
  EXPECT_NEAR(point.low, 0.495, 1e-12);
  EXPECT_NEAR(point.high, 0.505, 1e-12);
  EXPECT_EQ(RangeOf({NAN}, 0.1, 0.01).high, 1);
}

bool Overlap(const Box& a, const Box& b) {
  return std::min(a.right, b.right) > std::max(a.left, b.left) &&
         std::min(a.bottom, b.bottom) > std::max(a.top, b.top);
}

TEST(LabelLayoutTest, NamesInACrowdDoNotCoverEachOther) {
  std::vector<Label> labels;
  std::vector<Point> points;
  for (int i = 0; i < 12; ++i) {
    points.push_back({200 + 6.0 * (i % 4), 150 + 5.0 * (i / 4)});
    labels.push_back({points.back(), "method" + std::to_string(i)});
  }
  const Box frame = {0, 0, 400, 300};
  const std::vector<PlacedLabel> placed = PlaceLabels(labels, points, frame);
  ASSERT_EQ(placed.size(), 12u);
  for (size_t i = 0; i < placed.size(); ++i) {
    EXPECT_GE(placed[i].box.left, frame.left);
    EXPECT_LE(placed[i].box.right, frame.right);
    for (size_t j = 0; j < i; ++j) EXPECT_FALSE(Overlap(placed[i].box, placed[j].box)) << i << j;
    for (const Point& point : points) {
      EXPECT_FALSE(Overlap(placed[i].box, {point.x - 3, point.y - 3, point.x + 3, point.y + 3}));
    }
  }
}

TEST(LabelLayoutTest, ANameAtTheRimStaysInside) {
  const Box frame = {0, 0, 100, 100};
  const auto placed = PlaceLabels({{{97, 50}, "long name"}}, {{97, 50}}, frame);
  EXPECT_LE(placed[0].box.right, 100);
  EXPECT_GE(placed[0].box.left, 0);
  const auto alone = PlaceLabels({{{10, 50}, "name"}}, {{10, 50}}, frame);
  EXPECT_GT(alone[0].baseline.x, 10);
  EXPECT_FALSE(alone[0].leader);
}

}  // namespace
}  // namespace primacy
