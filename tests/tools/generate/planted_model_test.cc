#include "tools/generate/planted_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/base/hash.h"
#include "tools/generate/output.h"
#include "tools/generate/power_law.h"

namespace primacy::generate {
namespace {

TEST(PowerLaw, FollowsItsDistribution) {
  // Exponent 0 is uniform.
  const PowerLaw uniform(10, 0.0);
  EXPECT_EQ(uniform.Rank(0.0), 0u);
  EXPECT_EQ(uniform.Rank(0.35), 3u);
  EXPECT_EQ(uniform.Rank(0.999999), 9u);
  // Exponent 1 on [1, 4): rank 0 has ln 2 / ln 4 = one half.
  const PowerLaw harmonic(3, 1.0);
  EXPECT_EQ(harmonic.Rank(0.499), 0u);
  EXPECT_EQ(harmonic.Rank(0.501), 1u);
  EXPECT_EQ(harmonic.Rank(0.9999999), 2u);
  // Exponent 2 on [1, 5): x = 1 / (1 − u · 4/5); rank 0 ends at u = 5/8.
  const PowerLaw square(4, 2.0);
  EXPECT_EQ(square.Rank(0.624), 0u);
  EXPECT_EQ(square.Rank(0.626), 1u);
}

TEST(PowerLaw, StaysInRangeWhateverTheSize) {
  for (const uint64_t count : {1ull, 2ull, 1'000'000'000'000ull}) {
    for (const double exponent : {0.0, 0.5, 1.0, 1.5, 3.0}) {
      const PowerLaw law(count, exponent);
      EXPECT_EQ(law.Rank(0.0), 0u);
      EXPECT_LT(law.Rank(std::nextafter(1.0, 0.0)), count) << count << " " << exponent;
    }
  }
}

TEST(AreaUnderCurve, ByHand) {
  // Pairs (one above zero): (.4 > .1), (.4 > .3), (.3 = .3 half), (.3 > .1): 3.5 of 4.
  EXPECT_DOUBLE_EQ(AreaUnderCurve({0.1f, 0.3f, 0.3f, 0.4f}, {0, 0, 1, 1}), 0.875);
  EXPECT_DOUBLE_EQ(AreaUnderCurve({0.1f, 0.3f}, {1, 0}), 0.0);
  EXPECT_DOUBLE_EQ(AreaUnderCurve({0.1f, 0.3f}, {1, 1}), 0.5);
}

struct Moments {
  double stddev[3];
  double correlation_01;
  double correlation_12;
};

// Over random pairs, popular and not alike. Context is the same for all, so that only taste, appeal
// and price vary.
Moments Measure(const GenerateOptions& options) {
  const PlantedModel model(options);
  constexpr int kPairs = 20'000;
  double mean[3] = {};
  double second[3][3] = {};
  for (uint64_t k = 0; k < kPairs; ++k) {
    const User user = model.MakeUser(RandomBelow(77, 2 * k, options.users));
    const Item item = model.MakeItem(RandomBelow(77, 2 * k + 1, options.items));
    const auto scores = model.Scores(user, item, Context{});
    for (int a = 0; a < 3; ++a) {
      mean[a] += scores[a] / kPairs;
      for (int b = 0; b < 3; ++b) second[a][b] += scores[a] * scores[b] / kPairs;
    }
  }
  const auto covariance = [&](int a, int b) { return second[a][b] - mean[a] * mean[b]; };
  Moments moments{};
  for (int a = 0; a < 3; ++a) moments.stddev[a] = std::sqrt(covariance(a, a));
  moments.correlation_01 = covariance(0, 1) / (moments.stddev[0] * moments.stddev[1]);
  moments.correlation_12 = covariance(1, 2) / (moments.stddev[1] * moments.stddev[2]);
  return moments;
}

GenerateOptions ManyOfEach(double conflict) {
  GenerateOptions options;
  options.conflict = conflict;
  options.users = options.items = 20'000;
  // Many centroids, so that sample moments are close to the formula's.
  options.segments = options.categories = options.tags = 1'000;
  return options;
}

TEST(PlantedModel, WithoutConflictAllTasksWantTheSame) {
  const Moments moments = Measure(ManyOfEach(0.0));
  EXPECT_NEAR(moments.correlation_01, 1.0, 1e-12);
  EXPECT_NEAR(moments.correlation_12, 1.0, 1e-12);
  // strength 2.5 and price 0.3: √(2.5² + 0.3²).
  EXPECT_NEAR(moments.stddev[0], 2.518, 0.15);
}

TEST(PlantedModel, FullConflictHasUnrelatedTastesAndOppositeAppeal) {
  const Moments moments = Measure(ManyOfEach(1.0));
  // Covariance: −0.2 · 2.5² of appeal and −0.3² of price, over a variance of 2.5² + 0.3².
  EXPECT_NEAR(moments.correlation_01, -(0.2 * 6.25 + 0.09) / 6.34, 0.05);
  // Tasks 1 and 2 share appeal and price and nothing else.
  EXPECT_NEAR(moments.correlation_12, (0.2 * 6.25 + 0.09) / 6.34, 0.05);
  for (const double stddev : moments.stddev) EXPECT_NEAR(stddev, 2.518, 0.2);
}

TEST(PlantedModel, HalfConflictLiesBetween) {
  // q = ½, p = 0: 0.8 · ½ of 6.25, price only in task 0.
  const Moments moments = Measure(ManyOfEach(0.5));
  EXPECT_NEAR(moments.correlation_01, 0.8 * 0.5 * 6.25 / std::sqrt(6.34 * 6.25), 0.05);
}

TEST(PlantedModel, IsAFunctionOfTheSeed) {
  GenerateOptions options;
  const PlantedModel a(options);
  const PlantedModel b(options);
  options.seed = 2;
  const PlantedModel c(options);
  const auto score = [](const PlantedModel& model) {
    return model.Scores(model.MakeUser(5), model.MakeItem(9), {3, 4, 0.5});
  };
  EXPECT_EQ(score(a), score(b));
  EXPECT_NE(score(a), score(c));
}

}  // namespace
}  // namespace primacy::generate
