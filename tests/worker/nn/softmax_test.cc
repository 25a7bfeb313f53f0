#include "worker/nn/softmax.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::CentralDifference;
using testing_support::TestMatrix;

TEST(Softmax, GroupsOfColumns) {
  TestMatrix scores(1, 5);
  scores.data = {std::log(1.0f), std::log(3.0f), 1000, 1000 + std::log(4.0f),
                 1000 + std::log(5.0f)};
  const ColumnRange groups[] = {{0, 2}, {2, 3}};
  Softmax(scores.view(), groups);
  const float expected[] = {0.25f, 0.75f, 0.1f, 0.4f, 0.5f};
  // 1000 + log 4 is rounded to 2^-14, hence the tolerance.
  for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(scores(0, j), expected[j], 3e-5);
}

TEST(Softmax, ColumnsBesideTheGroupsDoNotMatter) {
  const TestMatrix start = TestMatrix::Random(6, 7, 3, 4, 9);
  TestMatrix partial = start;
  TestMatrix whole(6, 3);
  for (size_t i = 0; i < 6; ++i) {
    for (size_t j = 0; j < 3; ++j) whole(i, j) = start(i, 2 + j);
    partial(i, 0) = NAN;
  }
  const ColumnRange inner[] = {{2, 3}};
  const ColumnRange all[] = {{0, 3}};
  Softmax(partial.view(), inner);
  Softmax(whole.view(), all);
  for (size_t i = 0; i < 6; ++i) {
    for (size_t j = 0; j < 3; ++j) EXPECT_EQ(partial(i, 2 + j), whole(i, j));
    EXPECT_EQ(partial(i, 1), start(i, 1));
  }
}

TEST(Softmax, GradientAgreesWithDifferences) {
  TestMatrix scores = TestMatrix::Random(3, 5, 1, 2);
  const TestMatrix c = TestMatrix::Random(3, 5, 2);
  const ColumnRange groups[] = {{0, 2}, {2, 3}};
  const auto objective = [&] {
    TestMatrix p = scores;
    Softmax(p.view(), groups);
    double sum = 0;
    for (size_t i = 0; i < p.data.size(); ++i) sum += double{c.data[i]} * p.data[i];
    return sum;
  };
  TestMatrix p = scores;
  Softmax(p.view(), groups);
  TestMatrix d = c;
  SoftmaxBackward(p.view(), groups, d.view());
  for (size_t i = 0; i < scores.data.size(); ++i) {
    EXPECT_NEAR(d.data[i], CentralDifference(scores.data[i], 1e-2f, objective), 2e-5) << i;
  }
}

}  // namespace
}  // namespace primacy
