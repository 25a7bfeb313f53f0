#include "ps/priority/candidate.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

EvaluateResult Losses(const std::vector<double>& losses) {
  EvaluateResult result;
  for (const double loss : losses) result.add_task()->set_loss(loss);
  return result;
}

// Tasks 0 and 1 of one tier above, 2 of the next, 3 to train.
const Stage kStage{"s", {3}, {1.0}, {0, 1, 2}, {{0, 1}, {2}}};
const std::vector<double> kAllowed = {1, 1, 1, 0};

Candidate Evaluated(const std::vector<double>& losses) {
  return JudgeCandidate(kStage, kAllowed, Losses(losses));
}

bool IsBetter(const std::vector<double>& losses, const std::vector<double>& best) {
  return IsBetter(kStage, kAllowed, Evaluated(losses), Evaluated(best));
}

TEST(CandidateTest, JudgesByHandWorkedLosses) {
  const Stage stage{"s", {2, 3}, {0.25, 0.75}, {0, 1}, {{0}, {1}}};
  const std::vector<double> kept = {0.5, 0.25, 99, 99};
  const Candidate good = JudgeCandidate(stage, kept, Losses({0.5, 0.125, 4, 8}));
  EXPECT_TRUE(good.feasible()) << "equal to what was kept is not worse";
  EXPECT_EQ(good.violation(), 0);
  EXPECT_EQ(good.objective(), 0.25 * 4 + 0.75 * 8);
  EXPECT_EQ(good.holdout().task_size(), 4);

  const Candidate bad = JudgeCandidate(stage, kept, Losses({0.625, 0.75, 1, 1}));
  EXPECT_FALSE(bad.feasible());
  EXPECT_EQ(bad.violation(), 0.5) << "the largest excess, here task 1's";
  EXPECT_EQ(bad.objective(), 1);
}

TEST(CandidateTest, WithoutConstraintsEverythingIsFeasible) {
  const Candidate candidate =
      JudgeCandidate({"s", {0}, {1.0}, {}}, std::vector<double>{0.0}, Losses({7}));
  EXPECT_TRUE(candidate.feasible());
  EXPECT_EQ(candidate.objective(), 7);
}

// Tasks with these slacks, in a job whose own is `slack`.
Job JobWithSlacks(double slack, const std::vector<double>& of_tasks) {
  Job job;
  job.mutable_priority()->set_slack(slack);
  for (const double of_task : of_tasks) job.add_task()->set_slack(of_task);
  return job;
}

TEST(CandidateTest, AllowsTheKeptLossAndEachTasksSlack) {
  EXPECT_EQ(AllowedLosses(std::vector<double>{0.5, 2, 4, 0}, JobWithSlacks(9, {0.25, 0, 0.5, 1})),
            (std::vector<double>{0.625, 2, 6, 0}));
}

TEST(CandidateTest, MultipliersConcedeWhatATaskMayLoseBeyondTheToleranceForLuck) {
  EXPECT_EQ(AimedShares(JobWithSlacks(0.25, {0.25, 0.75, 0})), (std::vector<double>{1, 1.5, 1}));
}

TEST(CandidateTest, FeasibleModelsCompareByTheirObjective) {
  EXPECT_TRUE(IsBetter({1, 0.5, 1, 7}, {0.1, 0.1, 0.1, 8})) << "better than allowed is no merit";
  EXPECT_FALSE(IsBetter({1, 1, 1, 8}, {1, 1, 1, 8})) << "the earlier one of equals stays";
  EXPECT_TRUE(IsBetter({1, 1, 1, 9}, {1, 1, 1.001, 1})) << "feasible comes first";
}

TEST(CandidateTest, OthersCompareFromTheTopTierDown) {
  EXPECT_TRUE(IsBetter({1.1, 0.5, 9, 9}, {1.2, 0.5, 1, 1})) << "the first tier decides";
  EXPECT_TRUE(IsBetter({1.2, 1.1, 1, 1}, {1.1, 1.3, 1, 1})) << "by its worst task";
  EXPECT_TRUE(IsBetter({1.2, 1.1, 1.1, 9}, {1.1, 1.2, 1.2, 1})) << "equal there: the second";
  EXPECT_TRUE(IsBetter({1, 1.2, 2, 8}, {1, 1.2, 2, 9})) << "equal in both: the objective";
}

TEST(CandidateTest, GoesOnWhileAnyTaskGetsLower) {
  google::protobuf::RepeatedPtrField<LossPath> paths;
  for (int task = 0; task < 4; ++task) paths.Add();
  const auto note = [&](const std::vector<double>& losses) {
    const bool low = ReachesNewLow(kStage, paths, Evaluated(losses));
    for (int task = 0; task < 4; ++task) paths[task].add_loss(losses[task]);
    return low;
  };
  EXPECT_TRUE(note({2, 2, 2, 5})) << "the first evaluation";
  EXPECT_FALSE(note({2, 2, 2, 5}));
  EXPECT_TRUE(note({2, 2, 2, 4})) << "the objective";
  EXPECT_TRUE(note({3, 2, 1.5, 9})) << "a violated constraint, whatever the others do";
  EXPECT_TRUE(note({3, 3, 0.9, 3})) << "the objective again";
  EXPECT_TRUE(note({3, 3, 0.5, 9})) << "a constraint that is met already";
  EXPECT_FALSE(note({3, 3, 0.5, 3}));
}

}  // namespace
}  // namespace primacy
