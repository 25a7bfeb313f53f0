#include "ps/priority/stage_length.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

Job Limited(double length_max) {
  Job job;
  job.mutable_priority()->set_length_max(length_max);
  return job;
}

int64_t Length(const Job& job, int stages, const std::vector<int64_t>& finished) {
  return StageLengthMax(job, stages, finished);
}

TEST(StageLengthTest, TheFirstStageHasItsPatienceOnly) {
  EXPECT_EQ(Length(Limited(1.5), 3, {}), -1);
}

TEST(StageLengthTest, MiddleStagesAreShorterAndTheLastHasTheRest) {
  const Job job = Limited(1.5);
  EXPECT_EQ(Length(job, 4, {90}), 30);
  EXPECT_EQ(Length(job, 4, {90, 30}), 30);
  EXPECT_EQ(Length(job, 4, {90, 30, 30}), 390) << "1.5 · 4 · 90 − 150";
  EXPECT_EQ(Length(job, 4, {90, 30, 20}), 400) << "what the others left";
  EXPECT_EQ(Length(job, 2, {90}), 180);
}

TEST(StageLengthTest, TheLastIsNoShorterThanThoseInTheMiddle) {
  EXPECT_EQ(Length(Limited(0.5), 2, {90}), 30);
}

TEST(StageLengthTest, OnlyFreshStagesThatFollowTheHoldoutSliceAreLimited) {
  EXPECT_EQ(Length(Limited(0), 2, {100}), -1);
  Job job = Limited(1.5);
  job.mutable_priority()->set_stage_start(PriorityConfig::WARM);
  EXPECT_EQ(Length(job, 2, {100}), -1);
  job = Limited(1.5);
  job.mutable_priority()->set_signal(PriorityConfig::TRAIN);
  EXPECT_EQ(Length(job, 2, {100}), -1);
  job = Limited(1.5);
  job.mutable_training()->set_patience(0);
  EXPECT_EQ(Length(job, 2, {100}), -1) << "stages of passes_max each, as told";
}

int64_t ToMake(const std::vector<double>& losses, int patience) {
  return EvaluationsToMake(losses, patience);
}

TEST(StageLengthTest, FiveThirdsOfTheTimeOfFastLearning) {
  EXPECT_EQ(ToMake({2, 3, 1.97}, 2), 5) << "1.5 % within two evaluations, the third is the last";
  EXPECT_EQ(ToMake({2, 3, 1.99}, 2), 0) << "0.5 %";
  EXPECT_EQ(ToMake({2, 1, 1, 1}, 2), 5) << "until the third: at the fourth it is too long ago";
  EXPECT_EQ(ToMake({2, 1, 3, 3, 3}, 2), 5) << "the lowest, not the last";
  EXPECT_EQ(ToMake({2, 2, 2, 1.9, 2, 2, 1.8}, 1), 12);
  EXPECT_EQ(ToMake({2, 1}, 8), 3) << "from the beginning";
  EXPECT_EQ(ToMake({2}, 8), 0);
  EXPECT_EQ(ToMake({0, 0}, 8), 0);
  EXPECT_EQ(ToMake({}, 8), 0);
}

}  // namespace
}  // namespace primacy
