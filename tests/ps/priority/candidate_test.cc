#include "ps/priority/candidate.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

EvaluateResult Losses(const std::vector<double>& losses) {
  EvaluateResult result;
  for (const double loss : losses) result.add_task()->set_loss(loss);
  return result;
}

Candidate Made(bool feasible, double objective, double violation) {
  Candidate candidate;
  candidate.set_feasible(feasible);
  candidate.set_objective(objective);
  candidate.set_violation(violation);
  return candidate;
}

TEST(CandidateTest, JudgesByHandWorkedLosses) {
  const Stage stage{"s", {2, 3}, {0.25, 0.75}, {0, 1}};
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

TEST(CandidateTest, FeasibleFirstThenObjectiveElseViolation) {
  EXPECT_TRUE(IsBetter(Made(true, 9, 0), Made(false, 1, 0.001)));
  EXPECT_FALSE(IsBetter(Made(false, 1, 0.001), Made(true, 9, 0)));
  EXPECT_TRUE(IsBetter(Made(true, 1, 0), Made(true, 2, 0)));
  EXPECT_FALSE(IsBetter(Made(true, 2, 0), Made(true, 2, 0))) << "the earlier one of equals stays";
  EXPECT_TRUE(IsBetter(Made(false, 9, 0.1), Made(false, 1, 0.2)));
  EXPECT_FALSE(IsBetter(Made(false, 1, 0.2), Made(false, 9, 0.1)));
}

}  // namespace
}  // namespace primacy
