// A BSP job leaves the same bits whatever the number of servers, and the same figures whatever the
// number of workers.
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/strings.h"
#include "ps/checkpoint/generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/shared_tiny_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

class JobDeterminismTest : public SharedTinyLog<> {};

TEST_F(JobDeterminismTest, EqualBitsOverServersForEveryNumberOfWorkers) {
  const Job job = TinyJob(Log(), EverythingOn());
  for (const int workers : {1, 2, 3}) {
    const RunSpec one = Finish(Format("w%ds1", workers), job, 1, workers);
    const std::string digest = NewestDigest(one.dir);
    const std::string figures = StageFigures(one.dir);
    EXPECT_NE(figures.find("stages[2].tasks[2].test.auc="), std::string::npos) << figures;
    for (const int servers : {2, 3}) {
      const RunSpec run = Finish(Format("w%ds%d", workers, servers), job, servers, workers);
      EXPECT_EQ(NewestDigest(run.dir), digest) << servers << " servers, " << workers << " workers";
      EXPECT_EQ(StageFigures(run.dir), figures) << servers << " servers, " << workers << " workers";
      const RunTotals totals = NewestManifest(run.dir).state().totals();
      EXPECT_GT(totals.refused_keys(), 0);
    }
  }
}

// Workers sum their slices in float before the servers do, so only the last bits may differ. Which
// of two new keys of one step a cap admits depends on who asks first, so there is none here.
TEST_F(JobDeterminismTest, WorkersChangeOnlyRounding) {
  std::vector<std::string> overrides = EverythingOn();
  overrides.emplace_back("table.rows_per_shard_max=0");
  overrides.emplace_back("training.passes_max=1");
  overrides.emplace_back("priority.method=WEIGHTED");
  overrides.emplace_back("priority.weight=2,1,1");
  const Job job = TinyJob(Log(), overrides);
  std::vector<EvaluateResult> tests;
  for (const int workers : {1, 2, 3}) {
    const RunSpec run = Finish(Format("weighted-w%d", workers), job, 2, workers);
    tests.push_back(NewestManifest(run.dir).state().finished_stage(0).test());
  }
  for (const EvaluateResult& test : tests) {
    EXPECT_EQ(test.rows(), 400);
    for (int task = 0; task < 3; ++task) {
      EXPECT_NEAR(test.task(task).loss(), tests[0].task(task).loss(), 1e-4) << task;
      EXPECT_NEAR(test.task(task).auc(), tests[0].task(task).auc(), 2e-3) << task;
      EXPECT_EQ(test.task(task).weight(), tests[0].task(task).weight());
    }
  }
}

TEST_F(JobDeterminismTest, AnEvaluationDoesNotDependOnServersAndWorkers) {
  const RunSpec trained = Finish("trained", TinyJob(Log(), {"training.passes_max=1"}), 3, 2);
  const std::string generation = NewestDirectory(trained.dir);
  std::vector<std::string> results;
  for (const auto& [servers, workers] : {std::pair(1, 1), {2, 3}, {5, 1}, {3, 3}}) {
    const RunSpec run{*dir_ / "evaluation", trained.job, servers, workers};
    Result<EvaluateResult> result = EvaluateGeneration(run, generation, "test");
    ASSERT_OK(result);
    result->clear_seconds();
    results.push_back(result->SerializeAsString());
  }
  for (const std::string& result : results) EXPECT_EQ(result, results[0]);
  EvaluateResult again;
  ASSERT_TRUE(again.ParseFromString(results[0]));
  const EvaluateResult in_report = NewestManifest(trained.dir).state().finished_stage(2).test();
  for (int task = 0; task < 3; ++task) {
    EXPECT_EQ(again.task(task).loss(), in_report.task(task).loss());
    EXPECT_EQ(again.task(task).auc(), in_report.task(task).auc());
  }
}

// Stage 1 of a fresh NMT job is the job of its first task alone: the lower tasks cannot touch it.
TEST_F(JobDeterminismTest, TheFirstStageIsTheFirstTaskAlone) {
  const RunSpec nmt = Finish("nmt", TinyJob(Log(), EverythingOn()), 2, 2);
  std::vector<std::string> single = EverythingOn();
  single.emplace_back("priority.method=SINGLE");
  single.emplace_back("priority.single_task=like");
  const RunSpec alone = Finish("alone", TinyJob(Log(), single), 1, 2);
  StageSummary first = NewestManifest(nmt.dir).state().finished_stage(0);
  StageSummary only = NewestManifest(alone.dir).state().finished_stage(0);
  EXPECT_EQ(first.model().step(), only.model().step());
  EXPECT_EQ(first.model().objective(), only.model().objective());
  EXPECT_EQ(first.test().task(0).loss(), only.test().task(0).loss());
  EXPECT_EQ(first.steps(), only.steps());
  const std::string kept =
      CheckpointRoot(nmt.dir) + "/" + GenerationName(first.model().generation());
  const Result<std::string> digest = GenerationDigest(kept);
  ASSERT_OK(digest);
  EXPECT_EQ(*digest, NewestDigest(alone.dir));
  const auto nmt_evaluations = Events(nmt.dir, "evaluation"),
             alone_evaluations = Events(alone.dir, "evaluation");
  ASSERT_GE(nmt_evaluations.size(), alone_evaluations.size());
  for (size_t i = 0; i < alone_evaluations.size(); ++i) {
    EXPECT_EQ(nmt_evaluations[i].NumberOr("objective", -1),
              alone_evaluations[i].NumberOr("objective", -2))
        << i;
  }
}

}  // namespace
}  // namespace primacy
