#include "worker/nn/linear.h"

#include <gtest/gtest.h>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::CentralDifference;
using testing_support::TestMatrix;

constexpr size_t kRows = 9;
constexpr size_t kIn = 7;
constexpr size_t kOut = 5;

struct Layer {
  TestMatrix x = TestMatrix::Random(kRows, kIn, 1);
  TestMatrix weight = TestMatrix::Random(kOut, kIn, 2);
  TestMatrix bias = TestMatrix::Random(1, kOut, 3);
  TestMatrix c = TestMatrix::Random(kRows, kOut, 4);  // gradient of y
  TestMatrix y = TestMatrix(kRows, kOut, kOut + 2);
  Activation activation;

  // Σ c · y.
  double Objective() {
    LinearForward(x.view(), weight.view(), bias.data.data(), activation, y.view());
    double sum = 0;
    for (size_t i = 0; i < kRows; ++i) {
      for (size_t j = 0; j < kOut; ++j) sum += double{c(i, j)} * y(i, j);
    }
    return sum;
  }
};

class LinearGradient : public testing::TestWithParam<Activation> {};

// The layer is piecewise linear, so that differences are exact up to rounding where no unit crosses
// 0.
TEST_P(LinearGradient, AgreesWithDifferences) {
  Layer layer{.activation = GetParam()};
  layer.Objective();
  TestMatrix before(kRows, kOut, 0, 99.0f), weight_gradient(kOut, kIn, 0, 99.0f);
  // Both are added to the ones that are there.
  TestMatrix bias_gradient(1, kOut, 0, 1.0f);
  TestMatrix x_gradient(kRows, kIn, 0, 1.0f);
  LinearBackwardInput(layer.weight.view(), layer.y.view(), layer.activation, 1.0f, layer.c.view(),
                      before.view(), bias_gradient.data.data(), Accumulate::kYes,
                      x_gradient.view());
  LinearBackwardWeight(layer.x.view(), before.view(), weight_gradient.view());
  const float h = 1e-3f;
  const auto check = [&](TestMatrix& parameter, const TestMatrix& gradient, double offset) {
    for (size_t i = 0; i < parameter.data.size(); ++i) {
      const double expected =
          CentralDifference(parameter.data[i], h, [&] { return layer.Objective(); });
      ASSERT_NEAR(gradient.data[i] - offset, expected, 2e-3) << i;
    }
  };
  check(layer.weight, weight_gradient, 0);
  check(layer.bias, bias_gradient, 1);
  check(layer.x, x_gradient, 1);
}

INSTANTIATE_TEST_SUITE_P(Activations, LinearGradient,
                         testing::Values(Activation::kNone, Activation::kRelu));

TEST(Linear, FirstInputsOnlyAndNoInputs) {
  Layer layer{.activation = Activation::kNone};
  layer.Objective();
  TestMatrix bias_gradient(1, kOut);
  TestMatrix all(kRows, kIn), first(kRows, 3);
  TestMatrix before(kRows, kOut);
  const auto backward = [&](Matrix x_gradient) {
    const Matrix columns = layer.weight.view().Columns(0, x_gradient.cols);
    LinearBackwardInput(columns, layer.y.view(), layer.activation, 1.0f, layer.c.view(),
                        before.view(), bias_gradient.data.data(), Accumulate::kNo, x_gradient);
  };
  backward(all.view());
  backward(first.view());
  backward({});
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t j = 0; j < 3; ++j) EXPECT_NEAR(first(i, j), all(i, j), 1e-6);
  }
}

}  // namespace
}  // namespace primacy
