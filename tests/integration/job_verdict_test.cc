// The verdicts on constraints: against an oracle from predictions, over resumes, and with damage.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "common/base/strings.h"
#include "common/base/student.h"
#include "ps/checkpoint/generation.h"
#include "tests/support/damage.h"
#include "tests/support/result_matchers.h"
#include "tests/support/shared_tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

// Before the rows of the tiny log's test slice.
uint64_t FirstTestRow() {
  const TinyLogOptions log;
  return log.train_rows + log.holdout_rows;
}

// [row of the test slice] log loss of a task by the model of a generation, from its predictions.
std::vector<double> RowLosses(const RunSpec& run, uint64_t generation, int task) {
  TempDir dir;
  LocalJobOptions options;
  options.job.job = run.job;
  options.job.run_dir = dir / "run";
  CHECK(MakeDirectories(options.job.run_dir).ok());
  options.job.evaluation = JobOptions::Evaluation{
      CheckpointRoot(run.dir) + "/" + GenerationName(generation), "test", dir / "out"};
  const Result<LocalJobResult> result = RunLocalJob(options);
  CHECK(result.ok()) << result.error().trace();
  std::ifstream file(dir / "out/predictions-00000.csv");
  std::string line;
  std::getline(file, line);  // the header
  std::vector<double> losses(TinyLogOptions().test_rows, -1);
  while (std::getline(file, line)) {
    const std::vector<std::string_view> fields = Split(line, ',');
    const auto row = static_cast<uint64_t>(*ParseInt(fields[0]));
    const double p = *ParseDouble(fields[2 + static_cast<size_t>(task)]);
    const bool label = TinyRow(row, {}).labels[static_cast<size_t>(task)] > 0.5;
    losses[row - FirstTestRow()] = -std::log(label ? p : 1 - p);
  }
  return losses;
}

struct Difference {
  double mean, standard_error;
  int64_t groups, rows;
};

// By the definition, over the users of the test slice.
Difference DifferenceByHand(const std::vector<double>& before, const std::vector<double>& now,
                            size_t task) {
  std::map<uint64_t, std::pair<double, double>> users;  // Σ weight, Σ weight · difference
  double weights = 0, sum = 0;
  int64_t rows = 0;
  for (uint64_t i = 0; i < before.size(); ++i) {
    const LogRow row = TinyRow(FirstTestRow() + i, {});
    if (row.masks[task] == 0) continue;
    users[row.group_id].first += row.weight;
    users[row.group_id].second += row.weight * (now[i] - before[i]);
    weights += row.weight;
    sum += row.weight * (now[i] - before[i]);
    ++rows;
  }
  const double mean = sum / weights, n = static_cast<double>(users.size());
  double squares = 0;
  for (const auto& [id, user] : users) squares += std::pow(user.second - mean * user.first, 2);
  return {mean, std::sqrt(n / (n - 1) * squares) / weights, static_cast<int64_t>(users.size()),
          rows};
}

const JsonValue& ConstraintOf(const JsonValue& report, size_t stage, size_t index) {
  return report.Find("stages")->array()->at(stage).Find("constraints")->array()->at(index);
}

class JobVerdictTest : public SharedTinyLog<> {};

TEST_F(JobVerdictTest, FiguresAreThoseOfThePredictions) {
  const RunSpec run{*dir_ / "oracle", TinyJob(Log(), {"priority.margin=0.03"}), 2, 3};
  ASSERT_OK(RunJob(run));
  const JobState state = NewestManifest(run.dir).state();
  const JsonValue report = Report(run.dir);
  EXPECT_TRUE(report.Find("stages")->array()->at(0).Find("constraints")->array()->empty());
  ASSERT_EQ(report.Find("stages")->array()->at(1).Find("constraints")->array()->size(), 1u);
  ASSERT_EQ(report.Find("stages")->array()->at(2).Find("constraints")->array()->size(), 2u);
  for (const auto& [stage, task] : std::vector<std::pair<int, int>>{{1, 0}, {2, 0}, {2, 1}}) {
    const auto model = [&](int s) { return state.finished_stage(s).model().generation(); };
    const Difference expected =
        DifferenceByHand(RowLosses(run, model(task), task), RowLosses(run, model(stage), task),
                         static_cast<size_t>(task));
    const JsonValue& found =
        ConstraintOf(report, static_cast<size_t>(stage), static_cast<size_t>(task));
    EXPECT_EQ(found.TextOr("task", ""), run.job.task(task).name());
    EXPECT_EQ(found.TextOr("bound_stage", ""), run.job.task(task).name());
    EXPECT_EQ(found.NumberOr("bound", -1), state.finished_stage(task).test().task(task).loss());
    EXPECT_EQ(found.NumberOr("reached", -1), state.finished_stage(stage).test().task(task).loss());
    EXPECT_GT(std::fabs(expected.mean), 1e-4) << "there must be something to see";
    // Predictions are floats.
    EXPECT_NEAR(found.NumberOr("difference", -1), expected.mean, 1e-6);
    const double half = StudentQuantile(expected.groups - 1) * expected.standard_error;
    EXPECT_NEAR(found.NumberOr("low", -1), expected.mean - half, 1e-6);
    EXPECT_NEAR(found.NumberOr("high", -1), expected.mean + half, 1e-6);
    EXPECT_DOUBLE_EQ(found.NumberOr("margin", -1), 0.03 * found.NumberOr("bound", -1));
    EXPECT_EQ(found.IntegerOr("groups", -1), expected.groups);
    EXPECT_EQ(found.IntegerOr("rows", -1), expected.rows);
  }
}

// Another margin, and another wish, for a job that has finished: nothing is trained for it.
TEST_F(JobVerdictTest, AFinishedJobIsJudgedAnew) {
  // λ = 0: nothing holds the tasks above.
  const std::vector<std::string> free = {"priority.lambda_start=0", "priority.holdout_rate=0",
                                         "priority.holdout_gain=0"};
  RunSpec run{*dir_ / "free", TinyJob(Log(), free), 1, 2};
  ASSERT_OK(RunJob(run));
  const JsonValue before = Report(run.dir);
  EXPECT_EQ(ConstraintOf(before, 2, 0).TextOr("verdict", ""), "not kept");
  EXPECT_EQ(before.TextOr("fail_on", ""), "NOTHING");
  EXPECT_TRUE(before.BooleanOr("requirement_met", false));
  const std::string digest = NewestDigest(run.dir);
  run.resume = true;
  run.job.mutable_priority()->set_fail_on(PriorityConfig::NOT_KEPT);
  ASSERT_OK(RunJob(run));
  EXPECT_FALSE(Report(run.dir).BooleanOr("requirement_met", true));
  EXPECT_FALSE(Events(run.dir, "finish").back().BooleanOr("requirement_met", true));
  run.job.mutable_priority()->set_fail_on(PriorityConfig::UNDECIDED);
  run.job.mutable_priority()->set_margin(9);
  ASSERT_OK(RunJob(run));
  const JsonValue after = Report(run.dir);
  EXPECT_EQ(ConstraintOf(after, 2, 0).TextOr("verdict", ""), "kept");
  EXPECT_EQ(ConstraintOf(after, 2, 0).NumberOr("low", 0),
            ConstraintOf(before, 2, 0).NumberOr("low", 1));
  EXPECT_TRUE(after.BooleanOr("requirement_met", false));
  EXPECT_EQ(NewestDigest(run.dir), digest);
}

// In BSP the same figures to the bit for every number of servers; and a job that is resumed, with
// workers who remember nothing, finds them again.
TEST_F(JobVerdictTest, SurviveArrangementsAndResumes) {
  const Job job = TinyJob(Log(), EverythingOn());
  const RunSpec whole{*dir_ / "whole", job, 1, 2};
  ASSERT_OK(RunJob(whole));
  RunSpec other{*dir_ / "other", job, 3, 2};
  for (const StopPoint stop : {StopPoint{1, 3}, StopPoint{2, 12}}) {
    const Result<JobOutcome> outcome = RunJobUntil(other, stop);
    ASSERT_OK(outcome);
    ASSERT_EQ(*outcome, JobOutcome::kStopped);
    other.resume = true;
    other.servers = 2;
  }
  ASSERT_OK(RunJob(other));
  EXPECT_EQ(StageFigures(other.dir), StageFigures(whole.dir));
  const JsonValue report = Report(other.dir);
  EXPECT_GT(ConstraintOf(report, 2, 1).IntegerOr("groups", 0), 200);
  EXPECT_FALSE(ConstraintOf(report, 2, 1).Find("high")->is_null());
}

// A crash at the end of stage 2, right before it is compared with stage 1: whoever goes on computes
// the same losses of the same models.
TEST_F(JobVerdictTest, AnyNumberOfWorkersRecallsTheSame) {
  // One evaluation a stage, so that its candidate is saved at the stage's end.
  const Job job = TinyJob(Log(), {"training.passes_max=1", "training.evaluations_per_pass=1",
                                  "runtime.keep_generations=1000"});
  const RunSpec whole{*dir_ / "workers-2", job, 1, 2};
  ASSERT_OK(RunJob(whole));
  const JsonValue expected = Events(whole.dir, "stage_end").at(1);
  const std::string root = CheckpointRoot(whole.dir);
  const Result<std::vector<uint64_t>> generations = ListGenerations(root);
  ASSERT_OK(generations);
  for (const int workers : {1, 5}) {
    const RunSpec other{*dir_ / Format("workers-%d", workers), job, 2, workers, /*resume=*/true};
    bool ends = false;
    for (size_t g = 0; g < generations->size() && !ends; ++g) {
      const std::string name = GenerationName((*generations)[g]);
      std::filesystem::create_directories(CheckpointRoot(other.dir));
      std::filesystem::copy(root + "/" + name, CheckpointRoot(other.dir) + "/" + name,
                            std::filesystem::copy_options::recursive);
      const JobState state = ReadManifest(root + "/" + name)->state();
      ends = state.stage() == 1 && state.point() == JobState::END_STAGE;
    }
    ASSERT_TRUE(ends);
    ASSERT_OK(RunJob(other));
    const JsonValue found = Events(other.dir, "stage_end").at(0);
    EXPECT_EQ(found.TextOr("name", ""), "view");
    const JsonValue& constraint = found.Find("constraints")->array()->at(0);
    for (const char* figure : {"bound", "reached", "difference", "low", "high", "groups"}) {
      EXPECT_EQ(constraint.NumberOr(figure, -1),
                expected.Find("constraints")->array()->at(0).NumberOr(figure, -2))
          << figure << " with " << workers << " workers";
    }
  }
}

TEST_F(JobVerdictTest, WithoutAnEarlierModelTheJobGoesOnUndecided) {
  const Job job = TinyJob(Log(), {"priority.fail_on=UNDECIDED", "priority.margin=9"});
  RunSpec run{*dir_ / "damaged", job, 1, 1};
  ASSERT_OK(RunJobUntil(run, {2, 5}));
  const uint64_t like = NewestManifest(run.dir).state().finished_stage(0).model().generation();
  FlipBit(CheckpointRoot(run.dir) + "/" + GenerationName(like) + "/" +
          ShardFileName(ShardsOf(0, 1)));
  run.resume = true;
  const Result<JobOutcome> outcome = RunJob(run);
  ASSERT_OK(outcome);
  EXPECT_EQ(*outcome, JobOutcome::kFinished);
  const JsonValue report = Report(run.dir);
  EXPECT_EQ(ConstraintOf(report, 1, 0).TextOr("verdict", ""), "kept") << "judged before";
  EXPECT_EQ(ConstraintOf(report, 2, 0).TextOr("verdict", ""), "not decidable");
  EXPECT_TRUE(ConstraintOf(report, 2, 0).Find("low")->is_null());
  EXPECT_EQ(ConstraintOf(report, 2, 1).TextOr("verdict", ""), "kept");
  EXPECT_FALSE(report.BooleanOr("requirement_met", true));
  const std::vector<JsonValue> lost = Events(run.dir, "bound_lost");
  ASSERT_EQ(lost.size(), 1u);
  EXPECT_EQ(lost[0].TextOr("bound_stage", ""), "like");
  EXPECT_NE(lost[0].TextOr("message", "").find(GenerationName(like)), std::string::npos);
}

TEST_F(JobVerdictTest, MethodsWithoutConstraintsHaveNoneToKeep) {
  const Job job = TinyJob(Log(), {"priority.method=WEIGHTED", "priority.weight=1,1,1",
                                  "priority.fail_on=UNDECIDED", "training.passes_max=1"});
  const RunSpec run{*dir_ / "weighted", job, 1, 1};
  ASSERT_OK(RunJob(run));
  const JsonValue report = Report(run.dir);
  EXPECT_TRUE(report.Find("stages")->array()->at(0).Find("constraints")->array()->empty());
  EXPECT_TRUE(report.BooleanOr("requirement_met", false));
}

}  // namespace
}  // namespace primacy
