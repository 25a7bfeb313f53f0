#include "worker/nn/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::CentralDifference;
using testing_support::TestMatrix;

TEST(RowLoss, HandWorked) {
  const float zero[] = {0.0f};
  EXPECT_DOUBLE_EQ(RowLoss(LossKind::kLogistic, zero, 1), std::log(2.0));
  const float three[] = {3.0f};
  EXPECT_NEAR(RowLoss(LossKind::kLogistic, three, 1), 0.048587351573741955, 1e-16);
  EXPECT_NEAR(RowLoss(LossKind::kLogistic, three, 0), 3.048587351573742, 1e-15);
  const float large[] = {-1e30f};
  EXPECT_EQ(RowLoss(LossKind::kLogistic, large, 0), 0);
  EXPECT_NEAR(RowLoss(LossKind::kLogistic, large, 1), 1e30, 1e24);
  EXPECT_DOUBLE_EQ(RowLoss(LossKind::kSquared, three, 5), 4);
  const float scores[] = {1000.0f, 1000.0f, 1000.0f, 1000.0f};
  EXPECT_DOUBLE_EQ(RowLoss(LossKind::kSoftmax, scores, 2), std::log(4.0));
}

TEST(RowLoss, LabelThatIsNoClassIsNan) {
  const float scores[] = {1, 2, 3};
  for (const float label : {-1.0f, 3.0f, 1.5f, 1e20f, NAN}) {
    EXPECT_TRUE(std::isnan(RowLoss(LossKind::kSoftmax, scores, label))) << label;
  }
}

constexpr size_t kRows = 600;  // more than one block of rows

struct Problem {
  explicit Problem(LossKind kind) : kind(kind) {
    for (size_t i = 0; i < kRows; ++i) {
      const double u = RandomUniform(5, i);
      labels.push_back(kind == LossKind::kSoftmax   ? std::floor(3 * u)
                       : kind == LossKind::kSquared ? u
                                                    : u < 0.3);
      labels.push_back(NAN);  // another task's column
      weights.push_back(i % 5 == 0 ? 0.0f : i % 3 == 0 ? 0.5f : 1.0f);
      weights.push_back(NAN);
      if (i % 5 == 0) labels[2 * i] = NAN;  // a missing label
    }
  }
  Targets targets() const { return {labels.data(), weights.data(), 2}; }

  LossKind kind;
  size_t classes = kind == LossKind::kSoftmax ? 3 : 1;
  TestMatrix scores = TestMatrix::Random(kRows, classes, 1, 4, 5);
  std::vector<float> labels, weights;
};

class Losses : public testing::TestWithParam<LossKind> {};

TEST_P(Losses, SumIsOfTheRowLosses) {
  const Problem problem(GetParam());
  double loss = 0, weight = 0;
  for (size_t i = 0; i < kRows; ++i) {
    if (problem.weights[2 * i] == 0) continue;
    loss += problem.weights[2 * i] * RowLoss(problem.kind,
                                             {problem.scores.view().row(i), problem.classes},
                                             problem.labels[2 * i]);
    weight += problem.weights[2 * i];
  }
  const LossSum sum = SumLoss(problem.kind, problem.scores.view(), problem.targets());
  EXPECT_NEAR(sum.loss, loss, 1e-13 * loss);
  EXPECT_EQ(sum.weight, weight);
}

TEST_P(Losses, GradientAgreesWithDifferences) {
  Problem problem(GetParam());
  TestMatrix gradient(kRows, problem.classes, 0, 9.0f);
  LossGradient(problem.kind, problem.scores.view(), problem.targets(), 0.25, gradient.view());
  for (size_t i = 0; i < kRows; i += 7) {
    for (size_t k = 0; k < problem.classes; ++k) {
      const auto loss = [&] {
        const double weight = problem.weights[2 * i];
        if (weight == 0) return 0.0;
        return 0.25 * weight *
               RowLoss(problem.kind, {problem.scores.view().row(i), problem.classes},
                       problem.labels[2 * i]);
      };
      EXPECT_NEAR(gradient(i, k), CentralDifference(problem.scores(i, k), 1e-3f, loss), 1e-6) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Losses,
                         testing::Values(LossKind::kLogistic, LossKind::kSquared,
                                         LossKind::kSoftmax));

TEST(LossGradient, LabelThatIsNoClassIsNan) {
  const TestMatrix scores = TestMatrix::Random(1, 3, 1);
  TestMatrix gradient(1, 3);
  const float label = 3, weight = 1;
  LossGradient(LossKind::kSoftmax, scores.view(), {&label, &weight, 1}, 1.0, gradient.view());
  for (const float value : gradient.data) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace primacy
