#include "ps/priority/holdout_control.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

TEST(HoldoutControlTest, FollowsAHandWorkedTrajectory) {
  // Bound 4, rate ½, gain 2.
  HoldoutControl control{1, 1};
  control = Steer(control, 5, 4, 0.5, 2);  // v = ¼: m = 1 + ½ · 2 · ¼, λ = m + 2 (1 + m) / 4
  EXPECT_EQ(control.integral, 1.25);
  EXPECT_EQ(control.lambda, 2.375);
  control = Steer(control, 3, 4, 0.5, 2);  // v = −¼: m = 1.25 − ½ · 2.25 / 4
  EXPECT_EQ(control.integral, 0.96875);
  EXPECT_EQ(control.lambda, 0) << "0.96875 − 2 · 1.96875 / 4 is below 0";
  control = Steer(control, 4, 4, 0.5, 2);
  EXPECT_EQ(control.integral, 0.96875) << "at the bound the integral rests";
  EXPECT_EQ(control.lambda, 0.96875) << "and is all there is";
}

TEST(HoldoutControlTest, NeverFallsBelowZeroAndRisesFromThere) {
  HoldoutControl control{0.125, 3};
  control = Steer(control, 0, 4, 1, 0);
  EXPECT_EQ(control.integral, 0);
  control = Steer(control, 5, 4, 1, 0);
  EXPECT_EQ(control.integral, 0.25);
}

TEST(HoldoutControlTest, TheSharesOfTheObjectivesMoveAtOnePace) {
  const double small = Steer({1, 1}, 5, 4, 0.5, 0).integral;
  const double large = Steer({9, 9}, 5, 4, 0.5, 0).integral;
  EXPECT_EQ((1 + small) / (1 + 1), (1 + large) / (1 + 9));
}

TEST(HoldoutControlTest, NothingToLoseIsNothingViolated) {
  const HoldoutControl control = Steer({1, 1}, 0, 0, 1, 1);
  EXPECT_EQ(control.integral, 1);
  EXPECT_EQ(control.lambda, 1);
}

TEST(HoldoutControlTest, KeepsThePaceOfTheTasksOwnStage) {
  const std::vector<double> path = {9, 5, 3};
  EXPECT_EQ(PacedBound(4, path, 0), 9);
  EXPECT_EQ(PacedBound(4, path, 1), 5);
  EXPECT_EQ(PacedBound(4, path, 2), 4) << "never below what was kept";
  EXPECT_EQ(PacedBound(4, path, 3), 4);
  EXPECT_EQ(PacedBound(4, {}, 0), 4) << "no pace";
}

}  // namespace
}  // namespace primacy
