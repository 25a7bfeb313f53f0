#include "ps/table/gradient_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "common/base/hash.h"
#include "ps/table/row_math.h"

namespace primacy {
namespace {

TEST(GradientSumTest, AddsInTheOrderOfTheCalls) {
  GradientSum sum(2);
  const Key first[] = {7, 5};
  const Key second[] = {5, 9, 7};
  const Key third[] = {5};
  const float first_gradients[] = {1, 2, 1e8f, 4};
  const float second_gradients[] = {1, 6, 7, 8, 9, 10};
  const float third_gradients[] = {-1e8f, 1};
  sum.Add({first}, first_gradients);
  sum.Add({second}, second_gradients);
  sum.Add({third}, third_gradients);
  EXPECT_EQ(std::vector<Key>(sum.keys().keys.begin(), sum.keys().keys.end()),
            (std::vector<Key>{7, 5, 9}));
  // (1e8 + 1) − 1e8 is 0 in float: another order would give 1.
  EXPECT_EQ(std::vector<float>(sum.gradients().begin(), sum.gradients().end()),
            (std::vector<float>{10, 12, 0, 11, 7, 8}));
  sum.Clear();
  EXPECT_TRUE(sum.keys().keys.empty());
  sum.Add({third}, third_gradients);
  EXPECT_EQ(sum.gradients()[0], -1e8f);
}

TEST(GradientSumTest, AKeyTwiceInOneCallIsAddedToo) {
  GradientSum sum(1);
  const Key keys[] = {3, 3, 4, 3};
  const float gradients[] = {1, 10, 5, 100};
  sum.Add({keys}, gradients);
  EXPECT_EQ(std::vector<Key>(sum.keys().keys.begin(), sum.keys().keys.end()),
            (std::vector<Key>{3, 4}));
  EXPECT_EQ(sum.gradients()[0], 111);
  EXPECT_EQ(sum.gradients()[1], 5);
}

TEST(GradientSumTest, ManyKeysOverManyCalls) {
  constexpr size_t kDim = 3;
  GradientSum sum(kDim);
  for (int round = 0; round < 2; ++round) {
    sum.Clear();
    std::map<Key, float> expected;
    for (uint64_t worker = 1; worker <= 3; ++worker) {
      std::vector<Key> keys;
      for (uint64_t i = 0; i < 5000; ++i) {
        keys.push_back(Mix64(i * worker));
        expected[keys.back()] += static_cast<float>(worker);
      }
      sum.Add({keys}, std::vector<float>(keys.size() * kDim, static_cast<float>(worker)).data());
    }
    ASSERT_EQ(sum.keys().keys.size(), expected.size());
    for (size_t k = 0; k < sum.keys().keys.size(); ++k) {
      for (size_t d = 0; d < kDim; ++d) {
        ASSERT_EQ(sum.gradients()[k * kDim + d], expected[sum.keys().keys[k]]);
      }
    }
  }
}

TEST(GradientSumTest, SquaredNormsPerShard) {
  GradientSum sum(3);
  const Key in10 = Key{10} << 52 | 5;
  const Key in12 = Key{12} << 52 | 1;
  const Key keys[] = {in12, in10, in12 + 1};
  const float gradients[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  sum.Add({keys}, gradients);
  sum.Add({std::span(keys).first(1)}, gradients);
  std::vector<double> norms(4, 100.0);
  sum.AddSquaredNorms({10, 14}, norms);
  EXPECT_EQ(norms, (std::vector<double>{177, 100, 100 + 56 + 194, 100}));
}

TEST(GradientMathTest, NotFiniteIsFoundAnywhere) {
  std::vector<float> values(133, std::numeric_limits<float>::max());
  values[5] = -std::numeric_limits<float>::denorm_min();
  values[6] = -std::numeric_limits<float>::max();
  EXPECT_TRUE(AllFinite(values));
  EXPECT_TRUE(AllFinite({}));
  for (const float bad : {INFINITY, -INFINITY, NAN, -NAN}) {
    for (size_t i = 0; i < values.size(); ++i) {
      const float before = std::exchange(values[i], bad);
      ASSERT_FALSE(AllFinite(values)) << i;
      values[i] = before;
    }
  }
}

TEST(GradientMathTest, SumOfSquaresInDouble) {
  std::vector<float> values;
  double expected = 0;
  for (int n = 0; n < 40; ++n) {
    EXPECT_EQ(SumOfSquares(values), expected) << n;
    values.push_back(static_cast<float>(n + 1));
    expected += (n + 1) * (n + 1);
  }
  // 2²⁴ + 1 would be lost in float.
  EXPECT_EQ(SumOfSquares(std::vector<float>{4096, 1}), 16777217);
}

}  // namespace
}  // namespace primacy
