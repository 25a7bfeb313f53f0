#include "worker/metrics/metrics.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

struct Rows {
  std::vector<float> scores;
  std::vector<float> labels;
  std::vector<float> weights;
  std::vector<uint64_t> groups;
};

// Scores on a grid, so that there are ties; a fifth of the weights is 0.
Rows RandomRows(uint64_t seed, size_t count, uint64_t groups) {
  Rows rows;
  for (size_t i = 0; i < count; ++i) {
    rows.scores.push_back(static_cast<float>(RandomBelow(seed, 4 * i, 20)) / 20.0f - 0.5f);
    rows.labels.push_back(RandomUniform(seed, 4 * i + 1) < 0.3 ? 1.0f : 0.0f);
    const uint64_t weight = RandomBelow(seed, 4 * i + 2, 5);
    rows.weights.push_back(0.5f * static_cast<float>(weight));
    rows.groups.push_back(RandomBits(1, RandomBelow(seed, 4 * i + 3, groups)));
  }
  return rows;
}

// Share of the weight of (positive, negative) pairs that are in the right order, by looking at all
// pairs.
std::optional<double> AucOfPairs(const Rows& rows) {
  double right = 0;
  double all = 0;
  for (size_t p = 0; p < rows.scores.size(); ++p) {
    for (size_t n = 0; n < rows.scores.size(); ++n) {
      if (rows.labels[p] <= 0.5f || rows.labels[n] > 0.5f) continue;
      const double weight = static_cast<double>(rows.weights[p]) * rows.weights[n];
      all += weight;
      if (rows.scores[p] > rows.scores[n]) right += weight;
      if (rows.scores[p] == rows.scores[n]) right += 0.5 * weight;
    }
  }
  if (all == 0) return std::nullopt;
  return right / all;
}

TEST(AucTest, HandValues) {
  const std::vector<float> ones(4, 1.0f);
  // Pairs: .35 > .1, .35 < .4, .8 > .1, .8 > .4.
  EXPECT_DOUBLE_EQ(
      *Auc(std::vector<float>{.1f, .4f, .35f, .8f}, std::vector<float>{0, 0, 1, 1}, ones), 0.75);
  // All tied.
  EXPECT_DOUBLE_EQ(*Auc(std::vector<float>{2, 2, 2, 2}, std::vector<float>{0, 1, 0, 1}, ones), 0.5);
  EXPECT_DOUBLE_EQ(*Auc(std::vector<float>{-3, -2, -1, 0}, std::vector<float>{1, 1, 0, 0}, ones),
                   0);
}

TEST(AucTest, WeightsCountPairs) {
  // Positives .5 (3) and .2 (1), negatives .3 (2) and .5 (4): 3·2 won, 3·4 tied, the others lost;
  // of 4·6.
  EXPECT_DOUBLE_EQ(*Auc(std::vector<float>{.5f, .2f, .3f, .5f}, std::vector<float>{1, 1, 0, 0},
                        std::vector<float>{3, 1, 2, 4}),
                   (6 + 6) / 24.0);
}

TEST(AucTest, ZerosOfBothSignsTie) {
  EXPECT_DOUBLE_EQ(
      *Auc(std::vector<float>{0.0f, -0.0f}, std::vector<float>{0, 1}, std::vector<float>{1, 1}),
      0.5);
}

TEST(AucTest, InfinitiesRankOutermost) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_DOUBLE_EQ(*Auc(std::vector<float>{-infinity, -1e30f, 1e30f, infinity},
                        std::vector<float>{0, 0, 1, 1}, std::vector<float>(4, 1.0f)),
                   1);
}

TEST(AucTest, NothingWithoutBothClasses) {
  const std::vector<float> scores = {.1f, .2f};
  EXPECT_FALSE(Auc({}, {}, {}).has_value());
  EXPECT_FALSE(Auc(scores, std::vector<float>{1, 1}, std::vector<float>{1, 1}).has_value());
  EXPECT_FALSE(Auc(scores, std::vector<float>{0, 0}, std::vector<float>{1, 1}).has_value());
  // The only negative does not count.
  EXPECT_FALSE(Auc(scores, std::vector<float>{0, 1}, std::vector<float>{0, 1}).has_value());
}

TEST(AucTest, EqualsCountingAllPairs) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Rows rows = RandomRows(seed, 50 + 20 * seed, 1);
    const std::optional<double> expected = AucOfPairs(rows);
    ASSERT_TRUE(expected.has_value());
    EXPECT_NEAR(*Auc(rows.scores, rows.labels, rows.weights), *expected, 1e-12);
  }
}

TEST(GaucTest, HandValues) {
  // Group 7: AUC 1 over 2 rows; group 9: AUC 0.5 over 3 rows; group 4 has one class; a row of
  // weight 0 is nowhere.
  const GroupAuc gauc =
      Gauc(std::vector<float>{.9f, .1f, .5f, .2f, .8f, .3f, .7f, .4f},
           std::vector<float>{1, 0, 1, 0, 0, 1, 1, 0}, std::vector<float>{1, 1, 1, 1, 1, 1, 1, 0},
           std::vector<uint64_t>{7, 7, 9, 9, 9, 4, 4, 4});
  EXPECT_EQ(gauc.groups, 2);
  EXPECT_DOUBLE_EQ(*gauc.value, (2 * 1.0 + 3 * 0.5) / 5);
}

TEST(GaucTest, NothingWithoutAGroupOfBothClasses) {
  const GroupAuc gauc = Gauc(std::vector<float>{.9f, .1f}, std::vector<float>{1, 0},
                             std::vector<float>{1, 1}, std::vector<uint64_t>{1, 2});
  EXPECT_FALSE(gauc.value.has_value());
  EXPECT_EQ(gauc.groups, 0);
}

TEST(GaucTest, EqualsGroupByGroup) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    const Rows rows = RandomRows(seed, 600, 40);
    std::map<uint64_t, Rows> groups;
    std::map<uint64_t, int> counted;
    for (size_t i = 0; i < rows.scores.size(); ++i) {
      Rows& group = groups[rows.groups[i]];
      group.scores.push_back(rows.scores[i]);
      group.labels.push_back(rows.labels[i]);
      group.weights.push_back(rows.weights[i]);
      counted[rows.groups[i]] += rows.weights[i] > 0 ? 1 : 0;
    }
    double sum = 0;
    double count = 0;
    int64_t both = 0;
    for (const auto& [id, group] : groups) {
      const std::optional<double> auc = AucOfPairs(group);
      if (!auc.has_value()) continue;
      sum += *auc * counted[id];
      count += counted[id];
      ++both;
    }
    const GroupAuc gauc = Gauc(rows.scores, rows.labels, rows.weights, rows.groups);
    EXPECT_EQ(gauc.groups, both);
    EXPECT_NEAR(*gauc.value, sum / count, 1e-12);
  }
}

}  // namespace
}  // namespace primacy
