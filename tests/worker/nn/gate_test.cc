#include "worker/nn/gate.h"

#include <gtest/gtest.h>

#include "tests/worker/nn/test_matrix.h"
#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

using testing_support::CentralDifference;
using testing_support::TestMatrix;

TEST(Mix, HandWorked) {
  TestMatrix p(1, 2), experts(1, 4), out(1, 2);
  p.data = {0.25f, 0.75f};
  experts.data = {4, 8, 12, 16};
  const Gate gates[] = {{0, {1, 0}, 0}};  // the first probability is expert 1's
  MixForward(gates, 2, p.view(), experts.view(), out.view());
  EXPECT_EQ(out.data, (std::vector<float>{0.25f * 12 + 0.75f * 4, 0.25f * 16 + 0.75f * 8}));
}

class MixWidth : public testing::TestWithParam<size_t> {};

// Two gates over three of four experts, one of them read by both; bilinear, so differences are
// exact up to rounding.
TEST_P(MixWidth, GradientAgreesWithDifferences) {
  const size_t width = GetParam();
  const size_t rows = 3;
  const Gate gates[] = {{0, {0, 2}, 0}, {2, {2, 3, 0}, width}};
  TestMatrix p = TestMatrix::Random(rows, 5, 1);
  TestMatrix experts = TestMatrix::Random(rows, 4 * width, 2);
  const TestMatrix c = TestMatrix::Random(rows, 2 * width, 3);
  TestMatrix out(rows, 2 * width);
  const auto objective = [&] {
    MixForward(gates, width, p.view(), experts.view(), out.view());
    double sum = 0;
    for (size_t i = 0; i < out.data.size(); ++i) sum += double{c.data[i]} * out.data[i];
    return sum;
  };
  TestMatrix p_gradient(rows, 5, 0, 9.0f), expert_gradient(rows, 4 * width, 0, 9.0f);
  MixBackward(gates, width, p.view(), experts.view(), c.view(), p_gradient.view(),
              expert_gradient.view());
  for (size_t i = 0; i < p.data.size(); ++i) {
    ASSERT_NEAR(p_gradient.data[i], CentralDifference(p.data[i], 0.125f, objective), 2e-5) << i;
  }
  for (size_t i = 0; i < experts.data.size(); ++i) {
    ASSERT_NEAR(expert_gradient.data[i], CentralDifference(experts.data[i], 0.125f, objective),
                2e-5)
        << i;
  }
  for (size_t j = 0; j < width; ++j)
    EXPECT_EQ(expert_gradient(0, width + j), 0.0f);  // expert 1: no gate's
}

// Experts in BF16 are mixed as the floats that they hold.
TEST_P(MixWidth, Bf16ExpertsAreTheirFloats) {
  const size_t width = GetParam();
  const size_t rows = 3;
  const Gate gates[] = {{0, {0, 2}, 0}, {2, {2, 1, 0}, width}};
  const TestMatrix p = TestMatrix::Random(rows, 5, 1), c = TestMatrix::Random(rows, 2 * width, 3);
  TestMatrix experts = TestMatrix::Random(rows, 3 * width, 2);
  std::vector<uint16_t> bits(experts.data.size());
  const Operand rounded{bits.data(), rows, 3 * width, 3 * width, Element::kBf16};
  Convert(experts.view(), rounded);
  Convert(rounded, experts.view());
  struct Mixed {
    TestMatrix out, p_gradient, expert_gradient;
  };
  const auto mix = [&](ConstOperand of) {
    Mixed mixed{TestMatrix(rows, 2 * width), TestMatrix(rows, 5), TestMatrix(rows, 3 * width)};
    MixForward(gates, width, p.view(), of, mixed.out.view());
    MixBackward(gates, width, p.view(), of, c.view(), mixed.p_gradient.view(),
                mixed.expert_gradient.view());
    return mixed;
  };
  const Mixed expected = mix(experts.view()), mixed = mix(rounded);
  EXPECT_EQ(mixed.out.data, expected.out.data);
  EXPECT_EQ(mixed.p_gradient.data, expected.p_gradient.data);
  EXPECT_EQ(mixed.expert_gradient.data, expected.expert_gradient.data);
}

INSTANTIATE_TEST_SUITE_P(Widths, MixWidth, testing::Values(1, 5, 16, 20, 32, 64, 85));

}  // namespace
}  // namespace primacy
