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

// scipy.stats.t.ppf(0.975, degrees)
TEST(StatisticsTest, StudentQuantiles) {
  EXPECT_NEAR(StudentQuantile(1), 12.70620474, 5e-4);
  EXPECT_NEAR(StudentQuantile(2), 4.30265273, 5e-4);
  EXPECT_NEAR(StudentQuantile(4), 2.77644511, 5e-4);
  EXPECT_NEAR(StudentQuantile(9), 2.26215716, 5e-4);
  EXPECT_NEAR(StudentQuantile(30), 2.04227246, 5e-4);
  EXPECT_NEAR(StudentQuantile(31), 2.03951345, 5e-4);
  EXPECT_NEAR(StudentQuantile(100), 1.98397152, 5e-5);
  EXPECT_NEAR(StudentQuantile(100000), 1.95998771, 5e-5);
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
