#include "ps/coordinator/report.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/base/json_value.h"
#include "common/config/job_config.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

Job TwoTasks() {
  Job job;
  job.mutable_data()->set_log("/log");
  job.add_task()->set_name("like");
  job.add_task()->set_name("click");
  return FillDefaults(job);
}

EvaluateResult Figures(double loss) {
  EvaluateResult result;
  for (const char* name : {"like", "click"}) {
    TaskMetrics& task = *result.add_task();
    task.set_task(name);
    task.set_loss(loss);
    task.set_rows(50);
  }
  result.mutable_task(1)->set_auc(0.75);
  return result;
}

JobState TwoStages(const std::vector<Stage>& stages) {
  JobState state;
  for (int task = 0; task < 2; ++task) {
    state.add_bound(task == 0 ? 0.5 : 0);
    state.add_has_bound(task == 0);
    state.add_holdout_bound(0.25);
    state.add_lambda(task == 0 ? 3 : 0);
  }
  for (const Stage& stage : stages) {
    StageSummary& summary = *state.add_finished_stage();
    summary.set_name(stage.name);
    summary.set_kept(true);
    summary.set_steps(40);
    for (int task = 0; task < 2; ++task) {
      summary.mutable_model()->add_lambda(state.lambda(task));
      summary.add_bound(state.bound(task));
    }
    *summary.mutable_model()->mutable_holdout() = Figures(0.25);
    *summary.mutable_test() = Figures(0.125);
  }
  state.set_point(JobState::FINISHED);
  state.mutable_totals()->set_rows(1000);
  state.mutable_totals()->set_rows_measured(500);
  state.mutable_totals()->set_train_seconds(2);
  state.mutable_totals()->set_keys(400);
  state.mutable_totals()->set_unique_keys(100);
  state.mutable_totals()->set_bytes_sent(3000);
  state.mutable_totals()->set_bytes_received(5000);
  state.mutable_totals()->mutable_times()->set_batch_wait(0.25);
  state.mutable_totals()->mutable_times()->set_row_wait(0.75);
  state.mutable_totals()->set_apply_seconds(0.5);
  return state;
}

TEST(ReportTest, ParsesAndHasTheFigures) {
  const Job job = TwoTasks();
  const std::vector<Stage> stages = MakeStages(job);
  JoinRequest view;
  view.set_train_rows(500);
  const Result<JsonValue> report =
      ParseJson(MakeReport({job, 2, 4, stages, view, true}, TwoStages(stages)));
  ASSERT_OK(report);
  EXPECT_EQ(report->IntegerOr("format", 0), 1);
  EXPECT_EQ(report->IntegerOr("servers", 0), 2);
  EXPECT_EQ(report->NumberOr("rows_per_s", 0), 500);
  EXPECT_EQ(report->NumberOr("row_passes", 0), 3);
  EXPECT_EQ(report->NumberOr("bytes_per_row", 0), 8);
  EXPECT_EQ(report->NumberOr("unique_key_ratio", 0), 0.25);
  EXPECT_EQ(report->NumberOr("worker_wait_share", 0), 0.125);
  EXPECT_EQ(report->Find("step_seconds")->NumberOr("row_wait", 0), 0.75);
  EXPECT_EQ(report->Find("step_seconds")->NumberOr("server_apply", 0), 0.5);
  ASSERT_EQ(report->Find("stages")->array()->size(), 2u);
  const JsonValue& second = report->Find("stages")->array()->at(1);
  const JsonValue& like = second.Find("tasks")->array()->at(0);
  EXPECT_EQ(like.TextOr("role", ""), "constraint");
  EXPECT_EQ(like.NumberOr("lambda", 0), 3);
  EXPECT_EQ(like.NumberOr("bound", 0), 0.5);
  EXPECT_EQ(like.Find("test")->NumberOr("loss", 0), 0.125);
  EXPECT_TRUE(like.Find("test")->Find("auc")->is_null()) << "a class was missing";
  const JsonValue& click = second.Find("tasks")->array()->at(1);
  EXPECT_TRUE(click.Find("lambda")->is_null());
  EXPECT_TRUE(click.Find("bound")->is_null());
  EXPECT_EQ(report->Find("final")->Find("click")->Find("test")->NumberOr("auc", 0), 0.75);
}

// Half of an interval over 4 groups is 3.182446 standard errors.
TEST(ReportTest, ConstraintsAreJudgedOnTheTestSlice) {
  Job job = TwoTasks();
  job.mutable_priority()->set_fail_on(PriorityConfig::NOT_KEPT);
  const std::vector<Stage> stages = MakeStages(job);
  JobState state = TwoStages(stages);
  TestedConstraint& like = *state.mutable_finished_stage(1)->add_constraint();
  like.set_task(0);
  like.set_bound_stage(0);
  like.set_bound(0.125);
  like.set_reached(0.25);
  like.set_rows(50);
  like.mutable_difference()->set_mean(0.125);
  like.mutable_difference()->set_standard_error(0.01);
  like.mutable_difference()->set_groups(4);
  const JoinRequest view;
  const auto make = [&] { return ParseJson(MakeReport({job, 1, 1, stages, view, true}, state)); };
  Result<JsonValue> report = make();
  ASSERT_OK(report);
  const JsonValue::Array& written = *report->Find("stages")->array();
  EXPECT_TRUE(written.at(0).Find("constraints")->array()->empty());
  const JsonValue& constraint = written.at(1).Find("constraints")->array()->at(0);
  EXPECT_EQ(constraint.TextOr("task", ""), "like");
  EXPECT_EQ(constraint.TextOr("bound_stage", ""), "like");
  EXPECT_EQ(constraint.NumberOr("bound", 0), 0.125);
  EXPECT_EQ(constraint.NumberOr("reached", 0), 0.25);
  EXPECT_EQ(constraint.NumberOr("difference", 0), 0.125);
  EXPECT_NEAR(constraint.NumberOr("low", 0), 0.125 - 0.03182446, 1e-7);
  EXPECT_NEAR(constraint.NumberOr("high", 0), 0.125 + 0.03182446, 1e-7);
  EXPECT_DOUBLE_EQ(constraint.NumberOr("margin", 0), 0.000625);
  EXPECT_EQ(constraint.TextOr("verdict", ""), "not kept");
  EXPECT_EQ(constraint.IntegerOr("groups", 0), 4);
  EXPECT_EQ(constraint.IntegerOr("rows", 0), 50);
  EXPECT_EQ(report->TextOr("fail_on", ""), "NOT_KEPT");
  EXPECT_FALSE(report->BooleanOr("requirement_met", true));

  // What an earlier stage's model kept or did not is no matter of the final one.
  state.mutable_finished_stage(0)->mutable_constraint()->Swap(
      state.mutable_finished_stage(1)->mutable_constraint());
  EXPECT_TRUE(make()->BooleanOr("requirement_met", false));

  // No label on the test slice: nothing to tell, and that is no failure either.
  TestedConstraint& unseen = *state.mutable_finished_stage(1)->add_constraint();
  unseen.set_task(0);
  unseen.set_bound_stage(0);
  report = make();
  ASSERT_OK(report);
  const JsonValue& nothing =
      report->Find("stages")->array()->at(1).Find("constraints")->array()->at(0);
  for (const char* name : {"bound", "reached", "difference", "low", "high", "margin"})
    EXPECT_TRUE(nothing.Find(name)->is_null()) << name;
  EXPECT_EQ(nothing.TextOr("verdict", ""), "not decidable");
  EXPECT_TRUE(report->BooleanOr("requirement_met", false));
}

TEST(ReportTest, AJobThatHasNotTrainedYetHasNoFinalModel) {
  const Job job = TwoTasks();
  const std::vector<Stage> stages = MakeStages(job);
  const JoinRequest view;
  const Result<JsonValue> report =
      ParseJson(MakeReport({job, 1, 1, stages, view, false}, JobState()));
  ASSERT_OK(report);
  EXPECT_EQ(report->Find("final"), nullptr);
  EXPECT_EQ(report->NumberOr("rows_per_s", -1), 0);
  EXPECT_FALSE(report->BooleanOr("finished", true));
}

TEST(ReportTest, AnEvaluationParsesWithoutLabels) {
  const Job job = TwoTasks();
  const std::vector<Stage> stages = MakeStages(job);
  StepProgress progress;
  progress.loss_mean = {std::numeric_limits<double>::quiet_NaN(), 0.5};
  progress.lambda_mean = {2, 0};
  Candidate candidate;
  *candidate.mutable_holdout() = Figures(0.5);
  JsonWriter json;
  json.BeginObject();
  WriteEvaluation(job, stages[1], TwoStages(stages), progress, candidate, true, 1.5, 100, json);
  json.EndObject();
  const Result<JsonValue> event = ParseJson(json.Take());
  ASSERT_OK(event);
  const JsonValue& like = event->Find("tasks")->array()->at(0);
  EXPECT_TRUE(like.Find("train_loss")->is_null());
  EXPECT_EQ(like.NumberOr("lambda_mean", 0), 2);
  EXPECT_EQ(like.NumberOr("violation", 0), 0.25);
}

}  // namespace
}  // namespace primacy
