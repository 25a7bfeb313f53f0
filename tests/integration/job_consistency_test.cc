// SSP and ASP jobs: no promise of equal bits, but every row once a pass, and a model that learns.
#include <gtest/gtest.h>

#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

class JobConsistencyTest : public testing::TestWithParam<const char*> {};

TEST_P(JobConsistencyTest, CountsEveryRowOncePerPassAndLearns) {
  TempDir dir;
  TinyLogOptions log;
  log.users = 60;
  log.items = 30;
  WriteTinyLog(dir / "log", log);
  const Job job =
      TinyJob(dir / "log", {std::string("runtime.consistency=") + GetParam(), "runtime.staleness=2",
                            "training.patience=0", "training.clip_norm=5", "priority.signal=TRAIN",
                            "runtime.bsp_warmup_steps=9"});
  const RunSpec run{dir / "run", job, 2, 3};
  const Result<JobOutcome> outcome = RunJob(run);
  ASSERT_OK(outcome);
  ASSERT_EQ(*outcome, JobOutcome::kFinished);
  const JobState state = NewestManifest(run.dir).state();
  ASSERT_EQ(state.finished_stage_size(), 3);
  // Three stages of three passes; the bounds of two stages cost a pass each.
  EXPECT_EQ(state.totals().rows(), 3 * 3 * 2001);
  EXPECT_EQ(state.totals().rows_measured(), 2 * 2001);
  for (const StageSummary& stage : state.finished_stage()) EXPECT_EQ(stage.steps(), 3 * 17);
  EXPECT_GT(state.finished_stage(0).test().task(0).auc(), 0.6);
  EXPECT_GT(state.finished_stage(1).test().task(1).auc(), 0.6);
}

// As long as a job warms up it leaves BSP's bits.
TEST_P(JobConsistencyTest, WarmsUpAsBsp) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  std::string digest;
  for (const std::string consistency : {"BSP", GetParam()}) {
    const RunSpec run{
        dir / consistency,
        TinyJob(dir / "log", {"runtime.consistency=" + consistency, "runtime.bsp_warmup_steps=1000",
                              "training.clip_norm=1"}),
        2, 3};
    const Result<JobOutcome> outcome = RunJob(run);
    ASSERT_OK(outcome);
    const std::string left = NewestDigest(run.dir);
    EXPECT_EQ(left, digest.empty() ? left : digest);
    digest = left;
  }
}

TEST_P(JobConsistencyTest, StopsAndResumes) {
  TempDir dir;
  WriteTinyLog(dir / "log");
  RunSpec run{dir / "run",
              TinyJob(dir / "log", {std::string("runtime.consistency=") + GetParam(),
                                    "training.patience=0", "runtime.bsp_warmup_steps=5"}),
              1, 2};
  ASSERT_OK(RunJobUntil(run, {0, 13}));
  run.resume = true;
  run.servers = 2;
  run.workers = 3;
  const Result<JobOutcome> outcome = RunJob(run);
  ASSERT_OK(outcome);
  EXPECT_EQ(*outcome, JobOutcome::kFinished);
  EXPECT_EQ(NewestManifest(run.dir).state().totals().rows(), 3 * 3 * 2001);
}

INSTANTIATE_TEST_SUITE_P(Modes, JobConsistencyTest, testing::Values("SSP", "ASP"));

}  // namespace
}  // namespace primacy
