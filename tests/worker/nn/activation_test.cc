#include "worker/nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::TestMatrix;

TEST(Activation, AddsBiasAndCutsBelowZero) {
  TestMatrix y(2, 3, 4, 9.0f);
  const float values[2][3] = {{1, -2, 0.5f}, {-1, 3, -0.25f}};
  for (size_t i = 0; i < 2; ++i) {
    for (size_t j = 0; j < 3; ++j) y(i, j) = values[i][j];
  }
  TestMatrix linear = y;
  const float bias[] = {0.5f, 1, -0.25f};
  AddBiasAndActivate(y.view(), bias, Activation::kRelu);
  EXPECT_EQ(y.data, (std::vector<float>{1.5f, 0, 0.25f, 9, 0, 4, 0, 9}));
  AddBiasAndActivate(linear.view(), bias, Activation::kNone);
  EXPECT_EQ(linear.data, (std::vector<float>{1.5f, -1, 0.25f, 9, -0.5f, 4, -0.5f, 9}));
}

TEST(Activation, NanIsNotHidden) {
  TestMatrix y(1, 1, 1, std::numeric_limits<float>::quiet_NaN());
  const float bias = 0;
  AddBiasAndActivate(y.view(), &bias, Activation::kRelu);
  EXPECT_TRUE(std::isnan(y(0, 0)));
}

TEST(Activation, BackwardMasksScalesAndSums) {
  TestMatrix y(3, 2), d(3, 2);
  y.data = {1, 0, 0, 2, 3, 4};
  d.data = {10, 20, 30, 40, 50, 60};
  float bias_gradient[] = {-1, -1};
  ActivationBackward(d.view(), y.view(), Activation::kRelu, 2.0f, bias_gradient);
  EXPECT_EQ(d.data, (std::vector<float>{20, 0, 0, 80, 100, 120}));
  EXPECT_EQ(bias_gradient[0], 120);
  EXPECT_EQ(bias_gradient[1], 200);
  ActivationBackward(d.view(), y.view(), Activation::kNone, 1.0f, bias_gradient);
  EXPECT_EQ(d.data, (std::vector<float>{20, 0, 0, 80, 100, 120}));
  EXPECT_EQ(bias_gradient[1], 200);
}

}  // namespace
}  // namespace primacy
