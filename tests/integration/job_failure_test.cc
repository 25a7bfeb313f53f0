// What a job says when it cannot go on, and what it leaves behind.
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "ps/checkpoint/generation.h"
#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

TinyLogOptions WithBadLabels(uint64_t every) {
  TinyLogOptions log;
  log.change = [every](uint64_t row, LogRow& values) {
    if (row % every == 0) values.labels[0] = std::numeric_limits<float>::quiet_NaN();
  };
  return log;
}

TEST(JobFailureTest, AFewBadLabelsAreCountedAndManyEndTheJob) {
  TempDir dir;
  WriteTinyLog(dir / "few", WithBadLabels(500));  // rows 0, 500, 1000, 1500, 2000 of train
  const RunSpec few{dir / "few-run",
                    TinyJob(dir / "few", {"training.passes_max=2", "priority.method=SINGLE",
                                          "priority.single_task=like", "training.patience=0"}),
                    1, 2};
  ASSERT_OK(RunJob(few));
  EXPECT_EQ(NewestManifest(few.dir).state().totals().bad_records(), 2 * 5);
  EXPECT_EQ(Report(few.dir).IntegerOr("bad_records", -1), 2 * 5);

  WriteTinyLog(dir / "many", WithBadLabels(40));
  const Result<JobOutcome> many = RunJob({dir / "many-run", TinyJob(dir / "many"), 2, 2});
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(many.error().message().find("runtime.bad_record_share_max"), std::string::npos)
      << many.error().message();
  ASSERT_EQ(Events(dir / "many-run", "failure").size(), 1u);
}

TEST(JobFailureTest, DivergenceNamesStepAndTaskOrTensorAndLeavesAWholeGeneration) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  for (const char* consistency : {"BSP", "ASP"}) {
    const RunSpec run{
        dir / consistency,
        TinyJob(dir / "log", {"dense_optimizer.kind=SGD", "dense_optimizer.learning_rate=1e30",
                              "runtime.checkpoint_every_steps=1",
                              std::string("runtime.consistency=") + consistency}),
        2, 3};
    const Result<JobOutcome> outcome = RunJob(run);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().kind(), ErrorKind::kFailure);
    const std::string message = outcome.error().message();
    EXPECT_NE(message.find("step "), std::string::npos) << message;
    EXPECT_NE(message.find("not finite"), std::string::npos) << message;
    EXPECT_TRUE(message.find("like") != std::string::npos ||
                message.find("bottom") != std::string::npos ||
                message.find("table") != std::string::npos)
        << message;
    EXPECT_OK(VerifyGeneration(NewestDirectory(run.dir)));
    EXPECT_FALSE(std::filesystem::exists(run.dir + "/report.json"));
    ASSERT_EQ(Events(run.dir, "failure").size(), 1u);
    EXPECT_EQ(Events(run.dir, "failure")[0].TextOr("reason", ""), message);
  }
}

TEST(JobFailureTest, AMissingLogOrLabelIsTheUsersMistake) {
  TempDir dir;
  const Result<JobOutcome> missing = RunJob({dir / "run", TinyJob(dir / "nowhere"), 2, 2});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(missing.error().message().find(dir / "nowhere"), std::string::npos)
      << missing.error().message();

  TinyLogOptions unlabelled;
  unlabelled.change = [](uint64_t, LogRow& values) { values.masks[1] = 0; };
  WriteTinyLog(dir / "log", unlabelled);
  const Result<JobOutcome> outcome = RunJob({dir / "run2", TinyJob(dir / "log"), 1, 1});
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind(), ErrorKind::kUsage);
  EXPECT_NE(outcome.error().message().find("holdout has no label of task view"), std::string::npos)
      << outcome.error().message();
}

TEST(JobFailureTest, TheReportHasWhatItPromises) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  const RunSpec run{dir / "run",
                    TinyJob(dir / "log", {"training.passes_max=1", "priority.length_max=0"}), 2, 2};
  ASSERT_OK(RunJob(run));
  const JsonValue report = Report(run.dir);
  EXPECT_TRUE(report.BooleanOr("finished", false));
  EXPECT_EQ(report.TextOr("method", ""), "NMT");
  EXPECT_EQ(report.IntegerOr("servers", 0), 2);
  EXPECT_EQ(report.IntegerOr("workers", 0), 2);
  EXPECT_EQ(report.IntegerOr("train_rows", 0), 2001);
  EXPECT_EQ(report.IntegerOr("rows", 0), 3 * 2001);
  for (const char* positive :
       {"rows_per_s", "bytes_per_row", "unique_key_ratio", "resident_bytes_max", "table_rows",
        "table_bytes", "seconds", "saves"}) {
    EXPECT_GT(report.NumberOr(positive, -1), 0) << positive;
  }
  ASSERT_EQ(report.Find("stages")->array()->size(), 3u);
  const JsonValue& last = report.Find("stages")->array()->at(2);
  ASSERT_EQ(last.Find("tasks")->array()->size(), 3u);
  const JsonValue& like = last.Find("tasks")->array()->at(0);
  EXPECT_EQ(like.TextOr("role", ""), "constraint");
  EXPECT_GT(like.NumberOr("bound", -1), 0);
  EXPECT_GE(like.NumberOr("lambda", -1), 0);
  for (const char* slice : {"holdout", "test"}) {
    for (const char* figure : {"auc", "gauc", "loss", "calibration", "rows"}) {
      EXPECT_GT(like.Find(slice)->NumberOr(figure, -1), 0) << slice << " " << figure;
    }
  }
  EXPECT_NE(report.Find("final")->Find("click"), nullptr);
}

}  // namespace
}  // namespace primacy
