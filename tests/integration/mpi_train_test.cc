// `primacy train` and mpirun by hand, with real processes.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "ps/checkpoint/generation.h"
#include "tests/support/cli_run.h"
#include "tests/support/damage.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::Count;
using testing_support::DigestOf;
using testing_support::Outcome;
using testing_support::RunToEnd;
using testing_support::TempDir;
using testing_support::Workbench;

JsonValue ReportOf(const std::string& run_dir) {
  const auto text = ReadFile(run_dir + "/report.json", 1 << 24);
  EXPECT_OK(text);
  if (!text.ok()) return JsonValue();
  const auto report = ParseJson(*text);
  EXPECT_OK(report);
  return report.ok() ? *report : JsonValue();
}

struct Shape {
  int servers;
  int workers;
  const char* consistency;
};

class MpiTrain : public testing::TestWithParam<Shape> {};

TEST_P(MpiTrain, FinishesAndLeavesAReport) {
  TempDir dir;
  const Workbench bench(dir.path());
  const Shape shape = GetParam();
  const Outcome outcome = RunToEnd(
      bench.TrainCommand("run", shape.servers, shape.workers,
                         {"--set=training.passes_max=4", "--set=runtime.bsp_warmup_steps=3",
                          std::string("--set=runtime.consistency=") + shape.consistency}),
      dir / "train");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  const std::string run_dir = bench.RunDir("run");
  const JsonValue report = ReportOf(run_dir);
  EXPECT_TRUE(report.BooleanOr("finished", false));
  EXPECT_EQ(report.IntegerOr("workers", 0), shape.workers);
  EXPECT_EQ(report.TextOr("consistency", ""), shape.consistency);
  ASSERT_NE(report.Find("stages"), nullptr);
  EXPECT_EQ(report.Find("stages")->array()->size(), 2u);
  // One row for the first stage's task, two for the second stage's, and a line for the verdict on
  // its constraint.
  EXPECT_EQ(Count(outcome.printed, "like"), 4) << outcome.printed;
  EXPECT_GE(Count(outcome.printed, "kept"), 1) << outcome.printed;
  EXPECT_EQ(Count(outcome.printed, "like in stage click: "), 1) << outcome.printed;
  const auto ranks = ReadRankFiles(run_dir);
  EXPECT_EQ(static_cast<int>(ranks.size()), shape.servers + shape.workers);
  for (const RankRecord& rank : ranks) {
    EXPECT_EQ(rank.state, RankRecord::State::kFinished) << rank.Describe() << rank.reason;
  }
  EXPECT_FALSE(std::filesystem::exists(run_dir + "/control.json"));
}

INSTANTIATE_TEST_SUITE_P(Shapes, MpiTrain,
                         testing::Values(Shape{1, 1, "BSP"}, Shape{2, 2, "BSP"}, Shape{2, 2, "SSP"},
                                         Shape{2, 2, "ASP"}));

TEST(MpiTrain, TheNumberOfServersChangesNoBit) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::vector<std::string> extra = {"--set=training.passes_max=2"};
  ASSERT_EQ(RunToEnd(bench.TrainCommand("one", 1, 2, extra), dir / "one").exit_code, 0);
  ASSERT_EQ(RunToEnd(bench.TrainCommand("three", 3, 2, extra), dir / "three").exit_code, 0);
  std::vector<std::string> local = extra;
  local.emplace_back("--launcher=local");
  const Outcome threads = RunToEnd(bench.TrainCommand("threads", 1, 2, local), dir / "threads");
  ASSERT_EQ(threads.exit_code, 0) << threads.errors;
  EXPECT_GE(Count(threads.errors, "stage "), 1);
  const std::string digest = DigestOf(bench.RunDir("one"));
  EXPECT_EQ(digest.size(), 16u) << digest;
  EXPECT_EQ(DigestOf(bench.RunDir("three")), digest);
  EXPECT_EQ(DigestOf(bench.RunDir("threads")), digest);
}

TEST(MpiTrain, SaysWhichDamagedGenerationItPassedOver) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::vector<std::string> extra = {"--set=training.passes_max=2"};
  ASSERT_EQ(RunToEnd(bench.TrainCommand("run", 2, 1, extra), dir / "first").exit_code, 0);
  const std::string digest = DigestOf(bench.RunDir("run"));
  const std::string root = CheckpointRoot(bench.RunDir("run"));
  const std::string newest = GenerationName(ListGenerations(root)->back());
  const std::string file = root + "/" + newest + "/" + ShardFileName(ShardsOf(1, 2));
  testing_support::FlipBit(file);
  std::vector<std::string> resume = extra;
  resume.emplace_back("--resume");
  const Outcome resumed = RunToEnd(bench.TrainCommand("run", 2, 1, resume), dir / "resumed");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_EQ(Count(resumed.errors, "damaged: "), 1) << resumed.errors;
  EXPECT_EQ(Count(resumed.errors, file + ": block"), 1) << resumed.errors;
  EXPECT_EQ(Count(resumed.errors, newest + ".damaged"), 1) << resumed.errors;
  EXPECT_EQ(DigestOf(bench.RunDir("run")), digest);
}

TEST(MpiTrain, RunsByHandWithAHostFile) {
  TempDir dir;
  const Workbench bench(dir.path());
  ASSERT_OK(WriteFileAtomically(dir / "hosts", std::string_view("localhost slots=1\n")));
  const std::vector<std::string> command =
      bench.MpirunCommand("run", 1, 2, {"--hostfile", dir / "hosts"},
                          {"--set=training.passes_max=1", "--set", "training.seed=7"});
  const Outcome outcome = RunToEnd(command, dir / "mpirun");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
  EXPECT_EQ(ReportOf(dir / "run").IntegerOr("seed", 0), 7);

  const Outcome again = RunToEnd(command, dir / "again");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(Count(again.errors + again.printed, "holds a run already"), 1) << again.errors;
  EXPECT_LT(again.seconds, 5);
}

}  // namespace
}  // namespace primacy
