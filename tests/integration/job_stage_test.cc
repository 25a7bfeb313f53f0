// How stages begin: warm, and from another run's model.
#include <gtest/gtest.h>

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
      EXPECT_EQ(evaluation.Find("tasks")->array()->at(0).NumberOr("lambda", -1), 1.0) << "λ rests";
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

TEST(JobStageTest, AJobCanBeginFromAnotherRunsModel) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec donor{dir / "donor", TinyJob(dir / "log", {"training.passes_max=1"}), 2, 1};
  ASSERT_OK(RunJob(donor));
  const EvaluateResult kept = NewestManifest(donor.dir).state().finished_stage(2).model().holdout();
  // Rates so small that no bit moves: what the first evaluation of each stage sees is the donor's
  // model.
  RunSpec run{dir / "run",
              TinyJob(dir / "log", {"training.passes_max=1", "table_optimizer.learning_rate=1e-30",
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
