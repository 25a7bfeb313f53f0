#include "ps/priority/trial.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

Job WithLengths(double length_max) {
  Job job;
  job.mutable_priority()->set_length_max(length_max);
  return job;
}

TEST(TrialTest, StagesInTheMiddleAreTrialsWhereLengthsAreLimited) {
  const Job job = WithLengths(0.95);
  EXPECT_FALSE(IsTrial(job, 4, 0));
  EXPECT_TRUE(IsTrial(job, 4, 1));
  EXPECT_TRUE(IsTrial(job, 4, 2));
  EXPECT_FALSE(IsTrial(job, 4, 3));
  EXPECT_FALSE(IsTrial(job, 2, 1));
  EXPECT_FALSE(IsTrial(WithLengths(0), 4, 1))
      << "whole stages, whose models are as good as the last";
}

TEST(TrialTest, TrialsBeginWithEqualWeightsAndSoDoesTheLastStageWhereOneWasKept) {
  Job job = WithLengths(0.95);
  job.mutable_priority()->set_lambda_start(3);
  for (const bool kept : {false, true}) {
    EXPECT_EQ(LambdaStart(job, 4, 1, kept), 1);
    EXPECT_EQ(LambdaStart(job, 4, 2, kept), 1);
    EXPECT_EQ(LambdaStart(job, 4, 3, kept), kept ? 1 : 3);
    EXPECT_EQ(LambdaStart(job, 2, 1, kept), 3) << "the stage before was no trial";
  }
  job.mutable_priority()->set_lambda_start(0.5);
  EXPECT_EQ(LambdaStart(job, 3, 1, false), 0.5);
  EXPECT_EQ(LambdaStart(job, 3, 2, true), 0.5);
}

}  // namespace
}  // namespace primacy
