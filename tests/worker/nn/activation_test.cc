#include "worker/nn/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/worker/nn/test_matrix.h"
#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

using testing_support::TestMatrix;

TEST(Activation, CutsBelowZero) {
  TestMatrix y(2, 3, 4, 9.0f);
  y.data = {1.5f, -1, 0.25f, -9, -0.5f, 4, -0.5f, -9};
  TestMatrix linear = y;
  Activate(y.view(), Activation::kRelu);
  EXPECT_EQ(y.data, (std::vector<float>{1.5f, 0, 0.25f, -9, 0, 4, 0, -9}));
  const std::vector<float> before = linear.data;
  Activate(linear.view(), Activation::kNone);
  EXPECT_EQ(linear.data, before);
}

// All 65,536 of them: those below zero become 0, all others, NaN among them, stay.
TEST(Activation, CutsBelowZeroInBf16) {
  std::vector<uint16_t> y(1 << 16);
  for (size_t i = 0; i < y.size(); ++i) y[i] = static_cast<uint16_t>(i);
  Activate({y.data(), 256, 256, 256, Element::kBf16}, Activation::kRelu);
  for (size_t i = 0; i < y.size(); ++i) {
    const float before = FromBf16(static_cast<uint16_t>(i));
    const bool cut = before <= 0.0f;
    ASSERT_EQ(y[i], cut ? 0 : i) << before;
  }
}

TEST(Activation, NanIsNotHidden) {
  TestMatrix y(1, 1, 1, std::numeric_limits<float>::quiet_NaN());
  Activate(y.view(), Activation::kRelu);
  EXPECT_TRUE(std::isnan(y(0, 0)));
}

TEST(Activation, BackwardMasksScalesAndSums) {
  TestMatrix y(3, 2), d(3, 2);
  y.data = {1, 0, 0, 2, 3, 4};
  d.data = {10, 20, 30, 40, 50, 60};
  TestMatrix before(3, 2, 3, 9.0f);
  float bias_gradient[] = {-1, -1};
  ActivationBackward(d.view(), y.view(), Activation::kRelu, 2.0f, before.view(), bias_gradient);
  EXPECT_EQ(before.data, (std::vector<float>{20, 0, 9, 0, 80, 9, 100, 120, 9}));
  EXPECT_EQ(bias_gradient[0], -1 + 120);
  EXPECT_EQ(bias_gradient[1], -1 + 200);
  ActivationBackward(d.view(), y.view(), Activation::kNone, 2.0f, before.view(), bias_gradient);
  EXPECT_EQ(before.data, (std::vector<float>{10, 20, 9, 30, 40, 9, 50, 60, 9}));
  EXPECT_EQ(bias_gradient[1], -1 + 200 + 120);
}

// Into BF16: the same gradients rounded, and the same sums, which are those of the floats.
TEST(Activation, BackwardInBf16IsTheFloatsRounded) {
  const size_t rows = 19, units = 37;
  TestMatrix y = TestMatrix::Random(rows, units, 1, 1, units + 3);
  Activate(y.view(), Activation::kRelu);
  std::vector<uint16_t> y_rounded(rows * units);
  const Operand y_bf16{y_rounded.data(), rows, units, units, Element::kBf16};
  Convert(y.view(), y_bf16);
  for (const Activation activation : {Activation::kRelu, Activation::kNone}) {
    const TestMatrix d = TestMatrix::Random(rows, units, 2);
    TestMatrix expected(rows, units);
    std::vector<float> expected_sums(units);
    ActivationBackward(d.view(), y.view(), activation, 1.25f, expected.view(),
                       expected_sums.data());
    for (const ConstOperand output : {ConstOperand(y.view()), ConstOperand(y_bf16)}) {
      std::vector<float> sums(units);
      std::vector<uint16_t> before(rows * (units + 1), 7);
      ActivationBackward(d.view(), output, activation, 1.25f,
                         {before.data(), rows, units, units + 1, Element::kBf16}, sums.data());
      EXPECT_EQ(sums, expected_sums);
      for (size_t i = 0; i < rows; ++i) {
        for (size_t j = 0; j < units; ++j) {
          ASSERT_EQ(before[i * (units + 1) + j], ToBf16(expected(i, j))) << i << " " << j;
        }
        ASSERT_EQ(before[i * (units + 1) + units], 7);
      }
    }
  }
}

}  // namespace
}  // namespace primacy
