#include "ps/priority/holdout_control.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

constexpr HoldoutGains kGains{.rate = 0.5, .gain = 2, .lambda_min = 0, .lambda_max = 100};

TEST(HoldoutControlTest, FollowsAHandWorkedTrajectory) {
  // Rate ½, gain 2.
  HoldoutControl control{1, 1};
  control = Steer(control, 0.25, kGains);  // m = 1 + ½ / 4, λ = m + 2 (1 + m) / 4
  EXPECT_EQ(control.integral, 1.125);
  EXPECT_EQ(control.lambda, 2.1875);
  control = Steer(control, -0.25, kGains);  // back again
  EXPECT_EQ(control.integral, 1);
  EXPECT_EQ(control.lambda, 0) << "1 − 2 · 2 / 4";
  control = Steer(control, 0, kGains);
  EXPECT_EQ(control.integral, 1) << "at the bound the integral rests";
  EXPECT_EQ(control.lambda, 1) << "and is all there is";
}

TEST(HoldoutControlTest, NeverFallsBelowTheLeastAndRisesFromThere) {
  HoldoutControl control{1.125, 3};
  control = Steer(control, -1, {1, 2, 1, 100});
  EXPECT_EQ(control.integral, 1);
  EXPECT_EQ(control.lambda, 1) << "and neither does the immediate answer";
  control = Steer(control, 0.25, {1, 0, 1, 100});
  EXPECT_EQ(control.integral, 1.25);
}

TEST(HoldoutControlTest, AConstraintThatCannotBeMetDoesNotWindItUpForEver) {
  HoldoutControl control{1, 1};
  for (int i = 0; i < 1000; ++i) control = Steer(control, 1, kGains);
  EXPECT_EQ(control.integral, 100);
  EXPECT_EQ(control.lambda, 100);
  control = Steer(control, -0.25, kGains);
  EXPECT_LT(control.lambda, 60) << "and it comes down at once";
}

TEST(HoldoutControlTest, TheObjectivesShareAnswersAlike) {
  const double small = Steer({1, 1}, 0.25, {0, 2, 0, 100}).lambda;
  const double large = Steer({9, 9}, 0.25, {0, 2, 0, 100}).lambda;
  EXPECT_EQ((1 + small) / (1 + 1), (1 + large) / (1 + 9));
}

TEST(HoldoutControlTest, AViolationIsMeasuredFromThePaceAndSlackFromTheBound) {
  EXPECT_EQ(Violation(10, 4, 8), 0.25) << "behind the pace";
  EXPECT_EQ(Violation(5, 4, 8), 0) << "ahead of it, and not at the bound yet";
  EXPECT_EQ(Violation(3, 4, 8), -0.25);
  EXPECT_EQ(Violation(5, 4, 4), 0.25) << "the pace has come to its end";
  EXPECT_EQ(Violation(3, 4, 4), -0.25);
}

TEST(HoldoutControlTest, NothingToLoseIsNothingViolated) { EXPECT_EQ(Violation(0, 0, 0), 0); }

}  // namespace
}  // namespace primacy
