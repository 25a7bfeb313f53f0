#include "tools/compare/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace primacy {
namespace {

TEST(StatisticsTest, MeanAndStandardDeviation) {
  const std::vector<double> values = {2, 4, 4, 4, 5, 5, 7, 9};
  EXPECT_DOUBLE_EQ(Mean(values), 5);
  EXPECT_DOUBLE_EQ(StandardDeviation(values), std::sqrt(32.0 / 7));
  EXPECT_TRUE(std::isnan(Mean({})));
  EXPECT_EQ(StandardDeviation(std::vector<double>{3}), 0);
}

// statistics.stdev([.71, .74, .73, .76]) / 2 = .020816660 / 2.
TEST(StatisticsTest, StandardErrorOfTheMean) {
  EXPECT_NEAR(StandardError(std::vector<double>{0.71, 0.74, 0.73, 0.76}), 0.010408330, 1e-9);
  EXPECT_TRUE(std::isnan(StandardError(std::vector<double>{0.71})));
}

// a − b = {.01, .02, .03}: mean .02, standard deviation .01, half = 4.3027 · .01 / √3 = .024841.
TEST(StatisticsTest, PairedDifference) {
  const std::vector<double> a = {0.91, 0.72, 0.83};
  const std::vector<double> b = {0.90, 0.70, 0.80};
  const PairedDifference difference = ComparePaired(a, b);
  EXPECT_NEAR(difference.mean, 0.02, 1e-12);
  EXPECT_NEAR(difference.low, 0.02 - 0.024841, 1e-5);
  EXPECT_NEAR(difference.high, 0.02 + 0.024841, 1e-5);
}

TEST(StatisticsTest, OnePairSaysNothingOfTheSpread) {
  const PairedDifference difference =
      ComparePaired(std::vector<double>{0.75}, std::vector<double>{0.5});
  EXPECT_EQ(difference.mean, 0.25);
  EXPECT_EQ(difference.low, -INFINITY);
  EXPECT_EQ(difference.high, INFINITY);
}

}  // namespace
}  // namespace primacy
