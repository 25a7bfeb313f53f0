// How stages begin: warm, and from another run's model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

double HoldoutLoss(const JsonValue& evaluation, const std::string& task) {
  for (const JsonValue& entry : *evaluation.Find("tasks")->array()) {
    if (entry.TextOr("task", "") == task) return entry.Find("holdout")->NumberOr("loss", -1);
  }
  return -1;
}

TEST(JobStageTest, AWarmStageTrainsItsHeadAloneFirst) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  // Head phases of 22 steps, evaluations at 10, 20, 30, …
  const RunSpec run{
      dir / "run",
      TinyJob(dir / "log", {"priority.stage_start=WARM", "priority.warm_head_passes=1.3",
                            "training.patience=0", "model.dropout=0.1"}),
      2, 2};
  ASSERT_OK(RunJob(run));
  const JobState state = NewestManifest(run.dir).state();
  const double like = state.finished_stage(0).model().holdout().task(0).loss();
  const double view = state.finished_stage(1).model().holdout().task(1).loss();
  const double like_after_view = state.finished_stage(1).model().holdout().task(0).loss();
  int in_head = 0, after = 0;
  double last_view = 0;
  for (const JsonValue& evaluation : Events(run.dir, "evaluation")) {
    const int64_t stage = evaluation.IntegerOr("stage", -1),
                  step = evaluation.IntegerOr("step", -1);
    if (stage == 1 && step <= 22) {
      ++in_head;
      EXPECT_EQ(HoldoutLoss(evaluation, "like"), like);
      EXPECT_TRUE(evaluation.BooleanOr("feasible", false));
      EXPECT_NE(HoldoutLoss(evaluation, "view"), last_view);
      last_view = HoldoutLoss(evaluation, "view");
      EXPECT_EQ(evaluation.Find("tasks")->array()->at(0).NumberOr("lambda", -1), 3.0) << "λ rests";
    } else if (stage == 2 && step <= 22) {
      ++in_head;
      EXPECT_EQ(HoldoutLoss(evaluation, "like"), like_after_view);
      EXPECT_EQ(HoldoutLoss(evaluation, "view"), view);
    } else if (stage > 0) {
      ++after;
      EXPECT_NE(HoldoutLoss(evaluation, "like"), like);
    }
  }
  EXPECT_EQ(in_head, 4);
  EXPECT_GE(after, 6);
}

// The median of the two losses before and the two after the lowest one, which is not at an end, and
// at most 1.01 times that.
double BoundAroundTheLowest(const std::vector<double>& losses) {
  const auto lowest = std::min_element(losses.begin(), losses.end());
  if (lowest - losses.begin() < 2 || losses.end() - lowest < 3) return NAN;
  std::vector<double> around = {lowest[-2], lowest[-1], lowest[1], lowest[2]};
  std::sort(around.begin(), around.end());
  return std::min((around[1] + around[2]) / 2, 1.01 * *lowest);
}

// The multipliers of a whole job, once more from the figures in its events.
TEST(JobStageTest, MultipliersFollowTheHoldoutSlice) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  constexpr double kRate = 3, kGain = 2;
  constexpr double kConceded = 0.01;  // of like's loss: its slack beyond the tolerance for luck
  const RunSpec run{dir / "run",
                    TinyJob(dir / "log", {"priority.holdout_rate=3", "priority.holdout_gain=2",
                                          "priority.lambda_start=1.5", "training.patience=0",
                                          "priority.slack=0.004", "task[0].slack=0.014"}),
                    1, 2};
  ASSERT_OK(RunJob(run));
  const JobState state = NewestManifest(run.dir).state();
  std::vector<double> losses, path;  // of "like" in its own stage; the lowest so far
  double bound = 0;                  // what the later stages are held to
  double integral = 1.5, last_pass = 0;
  size_t n = 0;
  int moved = 0;
  for (const JsonValue& evaluation : Events(run.dir, "evaluation")) {
    const double loss = HoldoutLoss(evaluation, "like");
    const int64_t stage = evaluation.IntegerOr("stage", -1);
    if (stage == 0) {
      losses.push_back(loss);
      path.push_back(path.empty() ? loss : std::min(path.back(), loss));
    }
    if (stage != 1) continue;
    if (n == 0) bound = BoundAroundTheLowest(losses);
    const double aim = bound * (1 + kConceded);
    const double paced = n < path.size() ? std::max(path[n] * (1 + kConceded), aim) : aim;
    const double violation = loss > paced ? loss / paced - 1 : std::min(0.0, loss / aim - 1);
    // Evaluations are evenly spaced but for the last one of a stage.
    if (n == 0) last_pass = evaluation.NumberOr("pass", 0);
    integral = std::max(1.0, integral + kRate * last_pass * violation);
    const double lambda = std::max(1.0, integral + kGain * (1 + integral) * violation);
    const JsonValue& like = evaluation.Find("tasks")->array()->at(0);
    EXPECT_NEAR(like.NumberOr("lambda", -1), lambda, 1e-9);
    EXPECT_EQ(like.NumberOr("bound", -1), bound);
    EXPECT_EQ(evaluation.BooleanOr("feasible", false), loss <= bound * (1 + 0.014));
    moved += lambda != 1.5;
    ++n;
  }
  EXPECT_GE(moved, 3);
}

// Of a task's hold-out loss at evaluation n of a later stage, from its bound and its own stage's
// path.
double ViolationAt(const JobState& state, int task, int n, double loss) {
  const auto& path = state.loss_path(task).loss();
  const double bound = state.holdout_bound(task);
  double paced = bound;
  if (n < path.size()) {
    paced = std::max(bound, *std::min_element(path.begin(), path.begin() + n + 1));
  }
  return loss > paced ? loss / paced - 1 : std::min(0.0, loss / bound - 1);
}

// The middle one of three stages is ended by its length, at 20 of 50 steps. In the last one its
// task's multiplier begins between the first one's and the objective's weight, and for being below
// the bound falls only as the first one does.
TEST(JobStageTest, AStageInTheMiddleIsShorterAndItsMultiplierFallsWithTheTierAbove) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec run{dir / "run",
                    TinyJob(dir / "log", {"priority.holdout_rate=3", "priority.holdout_gain=0",
                                          "priority.length_max=1.15", "training.patience=1"}),
                    1, 1};
  ASSERT_OK(RunJob(run));
  const JobState state = NewestManifest(run.dir).state();
  ASSERT_EQ(state.finished_stage_size(), 3);
  EXPECT_EQ(state.finished_stage(0).steps(), 50);
  EXPECT_EQ(state.finished_stage(1).steps(), 20);
  EXPECT_EQ(state.finished_stage(2).steps(), 51);
  EXPECT_TRUE(state.loss_path(1).cut_short());
  ASSERT_EQ(state.loss_path(1).loss_size(), 2);
  double lambda = 2;
  int n = 0, held = 0, fell = 0;
  for (const JsonValue& evaluation : Events(run.dir, "evaluation")) {
    if (evaluation.IntegerOr("stage", -1) != 2) continue;
    const double like = ViolationAt(state, 0, n, HoldoutLoss(evaluation, "like"));
    const double own = ViolationAt(state, 1, n, HoldoutLoss(evaluation, "view"));
    const double violation = std::max(own, std::min(like, 0.0));
    held += own < 0 && violation == 0;
    fell += violation < 0;
    lambda = std::max(1.0, lambda + 3 * (10.0 / 17) * violation);
    const JsonValue& view = evaluation.Find("tasks")->array()->at(1);
    EXPECT_NEAR(view.NumberOr("lambda", -1), lambda, 1e-9) << "evaluation " << n;
    ++n;
  }
  EXPECT_EQ(n, 6);
  EXPECT_GE(held, 1);
  EXPECT_GE(fell, 1);
}

// λ of "like" in the stages with constraints of a job whose multipliers stand still.
std::vector<double> FirstLambdas(const std::string& slack) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec run{dir / "run",
                    TinyJob(dir / "log", {"priority.holdout_rate=0", "priority.holdout_gain=0",
                                          "training.patience=1", "priority.slack=" + slack}),
                    1, 1};
  EXPECT_OK(RunJob(run));
  std::vector<double> lambdas(2, -1);
  for (const JsonValue& evaluation : Events(run.dir, "evaluation")) {
    const int64_t stage = evaluation.IntegerOr("stage", -1);
    if (stage < 1) continue;
    lambdas.at(static_cast<size_t>(stage - 1)) =
        evaluation.Find("tasks")->array()->at(0).NumberOr("lambda", -1);
  }
  return lambdas;
}

TEST(JobStageTest, TheLastStageBeginsWithEqualWeightsWhereTheTrialKeptItsConstraints) {
  EXPECT_EQ(FirstLambdas("10"), (std::vector<double>{1, 1})) << "anything is kept";
  EXPECT_EQ(FirstLambdas("0"), (std::vector<double>{1, 3}));
}

TEST(JobStageTest, AJobCanBeginFromAnotherRunsModel) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec donor{dir / "donor", TinyJob(dir / "log", {"training.passes_max=1"}), 2, 1};
  ASSERT_OK(RunJob(donor));
  const EvaluateResult kept = NewestManifest(donor.dir).state().finished_stage(2).model().holdout();
  // Rates so small that no bit moves: what the first evaluation of each stage sees is the donor's
  // model.
  RunSpec run{dir / "run",
              TinyJob(dir / "log", {"training.passes_max=1", "priority.length_max=0",
                                    "table_optimizer.learning_rate=1e-30",
                                    "dense_optimizer.learning_rate=1e-30"}),
              3, 2};
  run.init_from = NewestDirectory(donor.dir);
  ASSERT_OK(RunJob(run));
  const std::vector<JsonValue> evaluations = Events(run.dir, "evaluation");
  ASSERT_GE(evaluations.size(), 6u);
  for (const JsonValue& evaluation : evaluations) {
    EXPECT_EQ(HoldoutLoss(evaluation, "like"), kept.task(0).loss());
    if (evaluation.IntegerOr("stage", 0) == 2) {
      EXPECT_EQ(HoldoutLoss(evaluation, "click"), kept.task(2).loss());
    }
  }
  // Its model is another one where the dimensions differ.
  run.dir = dir / "other";
  run.job = TinyJob(dir / "log", {"model.embedding_dim=3"});
  const Result<JobOutcome> refused = RunJob(run);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(refused.error().message().find(run.init_from), std::string::npos)
      << refused.error().message();
}

}  // namespace
}  // namespace primacy
