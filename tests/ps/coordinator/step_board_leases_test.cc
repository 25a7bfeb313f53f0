// SSP and ASP: workers lease steps, one worker's batch is the whole update.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "tests/ps/coordinator/step_job.h"

namespace primacy {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Answer;
using testing_support::Factors;
using testing_support::StepJob;

class StepBoardLeasesTest : public testing::TestWithParam<RuntimeConfig::Consistency> {};

TEST_P(StepBoardLeasesTest, EveryStepIsLeasedOnce) {
  StepJob job(GetParam());
  job.Begin(3, 7);
  std::set<Step> leased;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(leased.insert(job.Lease(i % 2).step()).second);
  EXPECT_THAT(leased, ElementsAre(3, 4, 5, 6));
  EXPECT_TRUE(job.Lease(0).phase_over());
  EXPECT_TRUE(job.Lease(1).phase_over());
  EXPECT_EQ(job.board.progress().next_step, 7);
}

TEST_P(StepBoardLeasesTest, APauseEndsTheLeases) {
  StepJob job(GetParam());
  job.Begin(0, 100);
  EXPECT_EQ(job.Lease(0).step(), 0);
  EXPECT_EQ(job.Lease(1).step(), 1);
  job.board.RequestPause();
  EXPECT_TRUE(job.Lease(0).phase_over());
  EXPECT_EQ(job.board.progress().next_step, 2);
}

TEST_P(StepBoardLeasesTest, ATimeLimitEndsTheLeasesForAllAtOnce) {
  StepJob job(GetParam());
  job.Begin(0, 100, std::chrono::steady_clock::now() - std::chrono::seconds(1));
  EXPECT_EQ(job.Lease(0).step(), 0);
  EXPECT_TRUE(job.Lease(1).phase_over());
  EXPECT_TRUE(job.Lease(0).phase_over());
}

TEST_P(StepBoardLeasesTest, DenominatorsFollowTheMeanWeightPerRow) {
  StepJob job(GetParam());
  job.Begin(0, 100);
  // The first batch: its own weights. λ is 1, so each task weighs a half.
  EXPECT_THAT(Factors(job.Ask(0, 0, {2, 4})), ElementsAre(DoubleEq(0.25), DoubleEq(0.125)));
  // 0.99 · 2 + 6 of 0.99 · 4 + 4 rows, times 4 rows.
  const double mean = (0.99 * 2 + 6) / (0.99 * 4 + 4);
  EXPECT_THAT(Factors(job.Ask(1, 1, {6, 0}))[0], DoubleEq(0.5 / (mean * 4)));
  EXPECT_EQ(job.board.progress().rows, 8);
  const LabelWeights recent = job.board.label_weights();
  EXPECT_THAT(recent.sum, ElementsAre(DoubleEq(0.99 * 2 + 6), DoubleEq(0.99 * 4)));
  EXPECT_EQ(recent.rows, 0.99 * 4 + 4);
}

TEST_P(StepBoardLeasesTest, WarmingUpEveryStepIsTakenByAll) {
  StepJob job(GetParam());
  job.warming_up = true;
  job.Begin(0, 1);
  const Answer first = job.Ask(0, 0, {2, 1});
  EXPECT_TRUE(first.pending()) << "the other worker has not asked";
  // Σ weights over both workers; λ is 1, so each task weighs a half.
  const Answer second = job.Ask(1, 0, {6, 3});
  EXPECT_THAT(Factors(first), ElementsAre(DoubleEq(0.5 / 8), DoubleEq(0.5 / 4)));
  EXPECT_EQ(Factors(second), Factors(first));
  EXPECT_EQ(job.board.progress().next_step, 0);
  job.Report(0, 0, {1, 1}, {2, 1});
  job.Report(1, 0, {1, 1}, {6, 3});
  EXPECT_EQ(job.board.progress().next_step, 1);
  // What was seen of the labels is known when the workers part.
  const double lambda = job.board.weighing().values[0];
  job.warming_up = false;
  job.Begin(1, 100);
  EXPECT_EQ(job.Lease(0).step(), 1);
  const double mean = (0.99 * 8 + 0) / (0.99 * 8 + 4);
  EXPECT_THAT(Factors(job.Ask(0, 1, {0, 4}))[0], DoubleEq(lambda / (1 + lambda) / (mean * 4)));
}

TEST_P(StepBoardLeasesTest, LambdaFollowsEveryReport) {
  StepJob job(GetParam());
  job.Begin(0, 100);
  job.Report(1, 1, {9, 1}, {3, 1});  // loss 3: λ = 1 + ½ · 2
  EXPECT_THAT(job.board.weighing().values, ElementsAre(2.0, 0.0));
  job.Report(0, 0, {0, 1}, {3, 1});  // loss 0: λ = 2 − ½
  EXPECT_THAT(job.board.weighing().values, ElementsAre(1.5, 0.0));
  EXPECT_THAT(Factors(job.Ask(0, 2, {4, 4})), ElementsAre(DoubleEq(0.6 / 4), DoubleEq(0.4 / 4)));
  EXPECT_EQ(job.board.progress().lambda_mean[0], 1.75);
}

TEST_P(StepBoardLeasesTest, ALossThatIsNotFiniteEndsTheJob) {
  StepJob job(GetParam());
  job.Begin(0, 100);
  job.Report(1, 4, {std::numeric_limits<double>::quiet_NaN(), 1}, {3, 1});
  EXPECT_THAT(job.failure, HasSubstr("task top"));
  EXPECT_THAT(job.failure, HasSubstr("step 4"));
  EXPECT_EQ(job.Ask(0, 5, {1, 1}).error(), job.failure);
}

INSTANTIATE_TEST_SUITE_P(Modes, StepBoardLeasesTest,
                         testing::Values(RuntimeConfig::SSP, RuntimeConfig::ASP));

}  // namespace
}  // namespace primacy
