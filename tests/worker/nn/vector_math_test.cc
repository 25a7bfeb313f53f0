#include "worker/nn/vector_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace primacy {
namespace {

// |got - expected| in units of the last place of the expected float.
double Ulps(float got, double expected) {
  const float rounded = static_cast<float>(expected);
  const double unit = std::nextafter(std::fabs(rounded), INFINITY) - std::fabs(rounded);
  return std::fabs(got - expected) / unit;
}

std::vector<float> Grid(double low, double high, size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(low + (high - low) * static_cast<double>(i) /
                                             static_cast<double>(count - 1));
  }
  return values;
}

TEST(VectorMath, ExpIsWithinTwoUlps) {
  const std::vector<float> x = Grid(-87, 88, 100'003);
  std::vector<float> y = x;
  ExpInPlace(y.data(), y.size());
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) worst = std::max(worst, Ulps(y[i], std::exp(double{x[i]})));
  EXPECT_LE(worst, 2.0);
}

TEST(VectorMath, ExpOfSpecialValues) {
  std::vector<float> y = {0.0f, -1000.0f, -INFINITY, 1000.0f,
                          std::numeric_limits<float>::quiet_NaN()};
  ExpInPlace(y.data(), y.size());
  EXPECT_EQ(y[0], 1.0f);
  EXPECT_GT(y[1], 0.0f);
  EXPECT_LT(y[1], 2e-38f);
  EXPECT_EQ(y[2], y[1]);
  EXPECT_GT(y[3], 1e38f);
  EXPECT_TRUE(std::isnan(y[4]));
}

TEST(VectorMath, SigmoidIsWithinFourUlps) {
  const std::vector<float> x = Grid(-85, 85, 50'001);
  std::vector<float> y(x.size());
  Sigmoid(x.data(), y.data(), x.size());
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i)
    worst = std::max(worst, Ulps(y[i], 1 / (1 + std::exp(-double{x[i]}))));
  EXPECT_LE(worst, 4.0);
  EXPECT_EQ(y[25'000], 0.5f);
}

TEST(VectorMath, SoftplusKeepsFifteenDigits) {
  std::vector<double> x;
  for (int i = -4000; i <= 4000; ++i) x.push_back(i * 0.01);
  x.push_back(-900);
  x.push_back(1e6);
  std::vector<double> y(x.size());
  Softplus(x.data(), y.data(), x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = std::max(x[i], 0.0) + std::log1p(std::exp(-std::fabs(x[i])));
    ASSERT_NEAR(y[i], expected, 1e-15 * std::max(1.0, expected)) << x[i];
  }
}

}  // namespace
}  // namespace primacy
