#include "ps/priority/multipliers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace primacy {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

// Task 2 under task 0, task 1 takes no part.
Stage LowerStage() { return {"lower", {2}, {1.0}, {0}, {{0}}}; }

TEST(MultipliersTest, FollowAHandWorkedTrajectory) {
  const Stage stage = LowerStage();
  Multipliers multipliers(stage, {0.5, 9, 9}, 0.25, InitialMultipliers(stage, 3, 1.0));
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(1.0, 0.0, 0.0));
  EXPECT_THAT(multipliers.Weights(), ElementsAre(0.5, 0.0, 0.5));

  multipliers.Observe(std::vector<double>{2.5, 0, 7}, {true, false, true});  // 1 + ¼ · 2
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(1.5, 0.0, 0.0));
  EXPECT_THAT(multipliers.Weights(), ElementsAre(0.6, 0.0, 0.4));  // 1.5 / 2.5 and 1 / 2.5

  multipliers.Observe(std::vector<double>{-3.5, 0, 7}, {true, false, true});  // 1.5 − ¼ · 4
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(0.5, 0.0, 0.0));

  multipliers.Observe(std::vector<double>{-9.5, 0, 7},
                      {true, false, true});  // 0.5 − 2.5: held at 0
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(0.0, 0.0, 0.0));
  EXPECT_THAT(multipliers.Weights(), ElementsAre(0.0, 0.0, 1.0));

  multipliers.Observe(std::vector<double>{1.5, 0, 7},
                      {true, false, true});  // rises from 0, not from −2
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(0.25, 0.0, 0.0));
  EXPECT_EQ(multipliers.state().version, 4);
}

TEST(MultipliersTest, AStepWithoutLabelsKeepsLambdaAndCounts) {
  const Stage stage = LowerStage();
  Multipliers multipliers(stage, {0.5, 9, 9}, 10, {{0.75, 0, 0}, 41});
  multipliers.Observe(std::vector<double>{100, 0, 7}, {false, false, true});
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(0.75, 0.0, 0.0));
  EXPECT_EQ(multipliers.state().version, 42);
}

TEST(MultipliersTest, LargeMultipliersAreNoLargerStep) {
  const Stage stage = LowerStage();
  Multipliers multipliers(stage, {0, 0, 0}, 1, {{99, 0, 0}, 0});
  EXPECT_THAT(multipliers.Weights(), ElementsAre(DoubleEq(0.99), 0.0, DoubleEq(0.01)));
}

TEST(MultipliersTest, SeveralTasksPerTier) {
  // Tasks 0 and 1 above; 2 and 3 share the stage.
  const Stage stage{"pair", {2, 3}, {0.5, 0.5}, {0, 1}, {{0, 1}}};
  Multipliers multipliers(stage, {1, 2, 0, 0}, 0.5, InitialMultipliers(stage, 4, 1.0));
  // 1 / (1 + 1 + 1) each, and the objectives half of a third.
  EXPECT_THAT(multipliers.Weights(), ElementsAre(DoubleEq(1.0 / 3), DoubleEq(1.0 / 3),
                                                 DoubleEq(1.0 / 6), DoubleEq(1.0 / 6)));
  multipliers.Observe(std::vector<double>{5, 1, 8, 8}, {true, true, true, true});
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(3.0, 0.5, 0.0, 0.0));  // 1 + ½ · 4, 1 − ½ · 1
  EXPECT_THAT(multipliers.Weights(), ElementsAre(DoubleEq(3 / 4.5), DoubleEq(0.5 / 4.5),
                                                 DoubleEq(0.5 / 4.5), DoubleEq(0.5 / 4.5)));
}

TEST(MultipliersTest, TiersBeginEvenlyBetweenTheFirstAndTheObjective) {
  const Stage second{"b", {1}, {1.0}, {0}, {{0}}};
  EXPECT_THAT(InitialMultipliers(second, 4, 3).lambda, ElementsAre(3, 0, 0, 0));
  const Stage third{"d", {3}, {1.0}, {0, 1, 2}, {{2}, {0, 1}}};
  EXPECT_THAT(InitialMultipliers(third, 4, 3).lambda, ElementsAre(2, 2, 3, 0));
  EXPECT_THAT(InitialMultipliers(third, 4, 1).lambda, ElementsAre(1, 1, 1, 0));
  EXPECT_THAT(InitialMultipliers(third, 4, 0).lambda, ElementsAre(0, 0, 0, 0));
  const Stage fourth{"d", {3}, {1.0}, {0, 1, 2}, {{0}, {1}, {2}}};
  EXPECT_THAT(InitialMultipliers(fourth, 4, 4).lambda, ElementsAre(4, 3, 2, 0));
}

TEST(MultipliersTest, TrainBatchesMoveThemByTheirSize) {
  PriorityConfig priority;
  priority.set_lambda_rate(0.125);
  priority.set_signal(PriorityConfig::TRAIN);
  EXPECT_EQ(MultiplierRate(priority, 512), 0.125);
  EXPECT_EQ(MultiplierRate(priority, 1024), 0.25);
  priority.set_signal(PriorityConfig::HOLDOUT);
  EXPECT_EQ(MultiplierRate(priority, 512), 0) << "the hold-out slice moves them";
}

TEST(MultipliersTest, AStageWithoutConstraintsHasItsOwnWeights) {
  const Stage stage{"sum", {0, 1}, {0.75, 0.25}, {}, {}};
  Multipliers multipliers(stage, {0, 0}, 1, InitialMultipliers(stage, 2, 5.0));
  multipliers.Observe(std::vector<double>{3, 4}, {true, true});
  EXPECT_THAT(multipliers.Weights(), ElementsAre(0.75, 0.25));
  EXPECT_THAT(multipliers.state().lambda, ElementsAre(0.0, 0.0));
}

}  // namespace
}  // namespace primacy
