// How often the test of a constraint is wrong, on simulated losses whose true difference is known.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/base/hash.h"
#include "ps/priority/verdict.h"
#include "worker/metrics/loss_difference.h"

namespace primacy {
namespace {

constexpr uint64_t kTrials = 4000;
constexpr double kBound = 0.5, kShare = 0.02;

struct Counts {
  double kept = 0, not_kept = 0;  // shares of the trials
};

// Groups of 1 to 20 rows with unequal weights, whose rows share half of the variance of their
// differences; the true difference is `share` of the bound.
Counts Simulate(uint64_t seed, uint64_t groups, double share, bool by_row) {
  uint64_t draw = 0;
  uint64_t kept = 0, not_kept = 0;
  for (uint64_t trial = 0; trial < kTrials; ++trial) {
    GroupLosses::Column before, now;
    for (uint64_t g = 0; g < groups; ++g) {
      const double common = RandomNormal(seed, draw++);
      const uint64_t rows = 1 + RandomBelow(seed, draw++, 20);
      double weight = 0, loss = 0;
      for (uint64_t row = 0; row < rows; ++row) {
        const double row_weight = 0.5 + RandomUniform(seed, draw++);
        const double noise = 0.05 * (common + RandomNormal(seed, draw++));
        weight += row_weight;
        loss += row_weight * (kBound + share * kBound + noise);
        if (!by_row && row + 1 < rows) continue;
        now.weight.push_back(weight);
        now.loss.push_back(loss);
        before.weight.push_back(weight);
        before.loss.push_back(weight * kBound);
        weight = loss = 0;
      }
    }
    TestedConstraint constraint;
    constraint.set_bound(kBound);
    *constraint.mutable_difference() = CompareLosses(before, now);
    const Verdict verdict = JudgeConstraint(constraint, kShare).verdict;
    kept += verdict == Verdict::kKept;
    not_kept += verdict == Verdict::kNotKept;
  }
  return {static_cast<double>(kept) / kTrials, static_cast<double>(not_kept) / kTrials};
}

// A share of 2.5 % of 4,000 trials has a standard error of .25 %.
TEST(VerdictCoverage, AtTheMarginBothErrorsAreTwoAndAHalfPercent) {
  const Counts counts = Simulate(1, 200, kShare, /*by_row=*/false);
  EXPECT_NEAR(counts.kept, 0.025, 0.0075);
  EXPECT_NEAR(counts.not_kept, 0.025, 0.0075);
}

// The variance is a little too small with few groups (Cameron and Miller 2015, section VI).
TEST(VerdictCoverage, NearlySoWithTwentyGroups) {
  const Counts counts = Simulate(2, 20, kShare, /*by_row=*/false);
  EXPECT_NEAR(counts.kept, 0.030, 0.0125);
  EXPECT_NEAR(counts.not_kept, 0.030, 0.0125);
}

TEST(VerdictCoverage, RowsTakenAsIndependentAreWrongTooOften) {
  const Counts counts = Simulate(1, 200, kShare, /*by_row=*/true);
  EXPECT_GT(counts.kept, 0.15);
  EXPECT_GT(counts.not_kept, 0.15);
}

// The error of the mean is .05 · √(1 + 1/10.5) / √groups, and a bit more for unequal groups: with
// 50, 200 and 800 groups the margin of .01 is 1.2, 2.4 and 4.8 standard errors away from 0 or
// somewhat less. "Kept" takes 1.96 less than that, and "not kept" 1.96 more.
TEST(VerdictCoverage, NoDifferenceIsMostlyCalledKeptOnceThereAreEnoughRows) {
  const Counts few = Simulate(3, 50, 0, false);
  const Counts some = Simulate(3, 200, 0, false);
  const Counts many = Simulate(3, 800, 0, false);
  EXPECT_NEAR(few.kept, 0.21, 0.05);
  EXPECT_NEAR(some.kept, 0.62, 0.05);
  EXPECT_GT(many.kept, 0.98);
  EXPECT_LT(few.not_kept, 0.004);
  for (const Counts& counts : {some, many}) EXPECT_EQ(counts.not_kept, 0);
}

}  // namespace
}  // namespace primacy
