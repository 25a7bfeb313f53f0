#include "ps/priority/loss_path.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

TEST(LossPathTest, TheBoundIsWhatTheStageHadAroundItsKeptModel) {
  const std::vector<double> path = {900, 804, 802, 800, 806, 805, 700};
  EXPECT_EQ(HoldoutBound(path, 3), 804.5) << "median of 804, 802, 806 and 805";
}

TEST(LossPathTest, TheBoundIsAtMostAHundredthAboveTheKeptLoss) {
  EXPECT_EQ(HoldoutBound(std::vector<double>{900, 850, 800, 850, 900}, 2), 808);
}

TEST(LossPathTest, TheBoundIsNeverBelowTheKeptLoss) {
  // Of several tasks in a stage one need not have its lowest loss there.
  EXPECT_EQ(HoldoutBound(std::vector<double>{700, 750, 800, 750, 700}, 2), 800);
}

TEST(LossPathTest, TheFirstAndTheLastEvaluationHaveNeighboursOnOneSide) {
  const std::vector<double> path = {800, 802, 804, 803, 801};
  EXPECT_EQ(HoldoutBound(path, 0), 803);
  EXPECT_EQ(HoldoutBound(path, 4), 803.5);
  EXPECT_EQ(HoldoutBound(path, 1), 803) << "median of 800, 804 and 803";
  EXPECT_EQ(HoldoutBound(std::vector<double>{800}, 0), 800);
}

TEST(LossPathTest, NothingToLoseIsNoBound) {
  EXPECT_EQ(HoldoutBound(std::vector<double>{1, 0, 1}, 1), 0);
}

TEST(LossPathTest, KeepsThePaceOfTheTasksOwnStage) {
  const std::vector<double> path = {9, 5, 6, 3};
  EXPECT_EQ(PacedBound(4, path, 0), 9);
  EXPECT_EQ(PacedBound(4, path, 1), 5);
  EXPECT_EQ(PacedBound(4, path, 2), 5) << "the lowest so far";
  EXPECT_EQ(PacedBound(4, path, 3), 4) << "never below the bound";
  EXPECT_EQ(PacedBound(4, path, 4), 4);
  EXPECT_EQ(PacedBound(4, {}, 0), 4) << "no pace";
}

}  // namespace
}  // namespace primacy
