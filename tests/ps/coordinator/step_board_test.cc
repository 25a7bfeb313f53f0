// BSP: all workers in lockstep.
#include "ps/coordinator/step_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/ps/coordinator/step_job.h"

namespace primacy {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::Answer;
using testing_support::Factors;
using testing_support::StepJob;

TEST(StepBoardTest, AnswersWhenAllHaveAskedWithGlobalDenominators) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 10);
  const Answer first = job.Ask(0, 0, {3, 1});
  EXPECT_TRUE(first.pending());
  const Answer second = job.Ask(1, 0, {1, 0});
  // λ is 1: each task weighs a half; Σ weight is 4 and 1.
  EXPECT_THAT(Factors(first), ElementsAre(0.125, 0.5));
  EXPECT_THAT(Factors(second), ElementsAre(0.125, 0.5));
  EXPECT_EQ(job.board.progress().rows, 8);
}

TEST(StepBoardTest, TheNextStepWaitsForAllLossesOfTheOneBefore) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(5, 10);
  job.Ask(0, 5, {2, 2});
  job.Ask(1, 5, {2, 2});
  const Answer next0 = job.Ask(0, 6, {2, 2});
  EXPECT_TRUE(job.Report(0, 5, {6, 0}, {2, 2}).replied());
  const Answer next1 = job.Ask(1, 6, {2, 2});
  EXPECT_TRUE(next0.pending());
  EXPECT_TRUE(next1.pending());
  EXPECT_TRUE(job.Report(1, 5, {6, 0}, {2, 2}).replied());
  // Task top: (6 + 6) / 4 = 3, so λ = 1 + ½ · (3 − 1) = 2; weights 2/3 and 1/3 over Σ weight 4.
  EXPECT_THAT(Factors(next0), ElementsAre(DoubleEq(1.0 / 6), DoubleEq(1.0 / 12)));
  EXPECT_EQ(Factors(next0), Factors(next1));
  EXPECT_EQ(next0.proto<StepReply>().lambda_version(), 1);
  EXPECT_EQ(job.board.progress().next_step, 6);
  EXPECT_THAT(job.board.weighing().values, ElementsAre(2.0, 0.0));
}

TEST(StepBoardTest, LossesOfTheStepUnderWayDoNotChangeItsLambda) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 10);
  const Answer first = job.Ask(0, 0, {1, 1});
  job.Ask(1, 0, {1, 1});
  job.Report(0, 0, {100, 0}, {1, 1});
  // A repeat of the request is answered as before, although losses have come since.
  EXPECT_EQ(Factors(job.Ask(0, 0, {1, 1})), Factors(first));
  EXPECT_THAT(job.board.weighing().values, ElementsAre(1.0, 0.0));
}

TEST(StepBoardTest, RepeatsChangeNothing) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 10);
  Answer lost = job.Ask(0, 0, {9, 9});
  const Answer repeated = job.Ask(0, 0, {3, 1});  // replaces the first: its connection is gone
  EXPECT_FALSE(lost.pending());
  job.Ask(1, 0, {1, 0});
  EXPECT_THAT(Factors(repeated), ElementsAre(0.125, 0.5));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(job.Report(0, 0, {4, 0}, {2, 2}).replied());
  EXPECT_TRUE(job.Report(1, 0, {4, 0}, {2, 2}).replied());
  EXPECT_TRUE(job.Report(1, 0, {400, 0}, {2, 2}).replied()) << "the step is complete";
  EXPECT_THAT(job.board.weighing().values, ElementsAre(1.5, 0.0));
  EXPECT_EQ(job.board.weighing().updates, 1);
}

TEST(StepBoardTest, ATaskWithoutLabelsHasNoFactorAndKeepsLambda) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 10);
  const Answer answer = job.Ask(0, 0, {0, 2});
  job.Ask(1, 0, {0, 2});
  EXPECT_THAT(Factors(answer), ElementsAre(0.0, 0.125));
  job.Report(0, 0, {0, 1}, {0, 2});
  job.Report(1, 0, {0, 1}, {0, 2});
  EXPECT_THAT(job.board.weighing().values, ElementsAre(1.0, 0.0));
  const StepProgress progress = job.board.progress();
  EXPECT_TRUE(std::isnan(progress.loss_mean[0]));
  EXPECT_EQ(progress.loss_mean[1], 0.5);
}

TEST(StepBoardTest, MeansAreOfTheStepsSinceTheyWereCleared) {
  StepJob job(RuntimeConfig::BSP, 1);
  const auto run = [&](Step step, double top_loss) {
    job.Begin(step, step + 1);
    job.Ask(0, step, {2, 2});
    job.Report(0, step, {2 * top_loss, 1}, {2, 2});
  };
  run(0, 3);  // λ: 1, then 2
  run(1, 2);  // λ: 2.5
  EXPECT_EQ(job.board.progress().loss_mean[0], 2.5) << "over phases";
  EXPECT_EQ(job.board.progress().lambda_mean[0], 2.25);
  EXPECT_EQ(job.board.progress().weight_mean[0], (2.0 / 3 + 2.5 / 3.5) / 2);
  const StepSums saved = job.board.sums();
  job.board.ClearSums();
  EXPECT_TRUE(std::isnan(job.board.progress().loss_mean[0]));
  EXPECT_EQ(job.board.progress().lambda_mean[0], 2.5) << "as it is";
  run(2, 1);
  EXPECT_EQ(job.board.progress().loss_mean[0], 1);
  EXPECT_EQ(job.board.progress().lambda_mean[0], 2.5);

  StepJob resumed(RuntimeConfig::BSP, 1, saved);
  resumed.Begin(2, 3);
  resumed.Ask(0, 2, {2, 2});
  resumed.Report(0, 2, {2, 1}, {2, 2});
  EXPECT_EQ(resumed.board.progress().loss_mean[0], 2);
}

TEST(StepBoardTest, ThePhaseIsOverAtItsEndForAll) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(4, 5);
  job.Ask(0, 4, {1, 1});
  job.Ask(1, 4, {1, 1});
  job.Report(0, 4, {1, 1}, {1, 1});
  const Answer end0 = job.Ask(0, 5, {1, 1});
  job.Report(1, 4, {1, 1}, {1, 1});
  EXPECT_TRUE(end0.pending());
  const Answer end1 = job.Ask(1, 5, {1, 1});
  EXPECT_TRUE(end0.proto<StepReply>().phase_over());
  EXPECT_TRUE(end1.proto<StepReply>().phase_over());
  EXPECT_TRUE(job.Ask(0, 5, {1, 1}).proto<StepReply>().phase_over()) << "a repeat";
  EXPECT_EQ(job.board.progress().next_step, 5);
  EXPECT_EQ(job.board.progress().rows, 8);
  // The next phase goes on with the same λ.
  job.Begin(5, 6);
  const Answer go = job.Ask(0, 5, {1, 1});
  job.Ask(1, 5, {1, 1});
  EXPECT_FALSE(go.proto<StepReply>().phase_over());
  EXPECT_EQ(go.proto<StepReply>().lambda_version(), 1);
}

TEST(StepBoardTest, APauseEndsThePhaseBeforeAStepThatNobodyHasBegun) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 100);
  job.Ask(0, 0, {1, 1});
  job.Ask(1, 0, {1, 1});
  job.board.RequestPause();
  const Answer repeat = job.Ask(1, 0, {1, 1});
  EXPECT_FALSE(repeat.proto<StepReply>().phase_over()) << "step 0 has begun";
  const Answer next = job.Ask(0, 1, {1, 1});
  job.Ask(1, 1, {1, 1});
  job.Report(0, 0, {1, 1}, {1, 1});
  job.Report(1, 0, {1, 1}, {1, 1});
  EXPECT_TRUE(next.proto<StepReply>().phase_over());
  EXPECT_EQ(job.board.progress().next_step, 1);
}

TEST(StepBoardTest, TheTimeOfAPauseMayBeSetWhileThePhaseRuns) {
  StepJob job(RuntimeConfig::BSP, 1);
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  job.Begin(0, 100, past);
  job.board.PauseAt(std::chrono::steady_clock::time_point::max());
  for (Step step = 0; step < 3; ++step) {
    EXPECT_FALSE(job.Ask(0, step, {1, 1}).proto<StepReply>().phase_over());
    job.Report(0, step, {1, 1}, {1, 1});
  }
  job.board.PauseAt(past);
  EXPECT_TRUE(job.Ask(0, 3, {1, 1}).proto<StepReply>().phase_over());
}

TEST(StepBoardTest, APhaseWithATimeLimitMakesAtLeastOneStep) {
  StepJob job(RuntimeConfig::BSP, 1);
  job.Begin(0, 100, std::chrono::steady_clock::now() - std::chrono::seconds(1));
  EXPECT_FALSE(job.Ask(0, 0, {1, 1}).proto<StepReply>().phase_over());
  job.Report(0, 0, {1, 1}, {1, 1});
  EXPECT_TRUE(job.Ask(0, 1, {1, 1}).proto<StepReply>().phase_over());
}

TEST(StepBoardTest, ALossThatIsNotFiniteEndsTheJobAndNamesStepAndTask) {
  for (const double wrong :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    StepJob job(RuntimeConfig::BSP);
    job.Begin(7, 100);
    job.Ask(0, 7, {1, 1});
    job.Ask(1, 7, {1, 1});
    const Answer waiting = job.Ask(0, 8, {1, 1});
    job.Report(0, 7, {1, 1}, {1, 1});
    EXPECT_EQ(job.failure, "");
    job.Report(1, 7, {1, wrong}, {1, 1});
    EXPECT_THAT(job.failure, HasSubstr("task low"));
    EXPECT_THAT(job.failure, HasSubstr("step 7"));
    EXPECT_EQ(waiting.error(), job.failure);
    EXPECT_EQ(job.Ask(1, 8, {1, 1}).error(), job.failure);
    EXPECT_EQ(job.board.weighing().updates, 0) << "λ stays as it was";
  }
}

TEST(StepBoardTest, RefusesWhatIsNotOfThePhase) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(3, 10);
  EXPECT_THAT(job.Ask(0, 3, {1, 1}, 2).error(), HasSubstr("incarnation 2"));
  EXPECT_THAT(job.Report(0, 3, {1, 1}, {1, 1}, 4).error(), HasSubstr("incarnation 4"));
  EXPECT_THAT(job.Ask(2, 3, {1, 1}).error(), HasSubstr("no such worker: 2"));
  EXPECT_THAT(job.Ask(-1, 3, {1, 1}).error(), HasSubstr("no such worker: -1"));
  EXPECT_THAT(job.Ask(0, 3, {1}).error(), HasSubstr("another number of tasks"));
  EXPECT_THAT(job.Report(0, 3, {1, 1}, {1}).error(), HasSubstr("another number of tasks"));
  EXPECT_THAT(job.Ask(0, 2, {1, 1}).error(), HasSubstr("asks for step 2"));
  EXPECT_THAT(job.Ask(0, 5, {1, 1}).error(), HasSubstr("asks for step 5"));
}

TEST(StepBoardTest, NamesTheWorkerThatHoldsUpTheOthers) {
  StepJob job(RuntimeConfig::BSP);
  job.Begin(0, 10);
  job.Ask(0, 0, {1, 1});
  const auto later = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  EXPECT_THAT(job.board.StalledWorkers(later), ElementsAre(1));
  EXPECT_THAT(job.board.StalledWorkers(later - std::chrono::hours(1)), IsEmpty())
      << "it moved since";
  job.Ask(1, 0, {1, 1});
  job.Report(1, 0, {1, 1}, {1, 1});
  EXPECT_THAT(job.board.StalledWorkers(later + std::chrono::seconds(1)), ElementsAre(0));
}

}  // namespace
}  // namespace primacy
