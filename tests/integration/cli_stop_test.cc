// Ctrl-C: a generation is saved, the exit code says so, and a resumed job ends as if nothing had
// happened.
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/support/cli_run.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using std::chrono::seconds;
using testing_support::Count;
using testing_support::DigestOf;
using testing_support::HasSaved;
using testing_support::Outcome;
using testing_support::Program;
using testing_support::RunToEnd;
using testing_support::TempDir;
using testing_support::WaitFor;
using testing_support::Workbench;

class CliStop : public testing::TestWithParam<const char*> {};

TEST_P(CliStop, LeavesAGenerationToContinueFrom) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::string launcher = std::string("--launcher=") + GetParam();
  {
    Program train(bench.TrainCommand("stopped", 1, 2, {launcher}), dir / "stopped");
    ASSERT_TRUE(WaitFor([&] { return HasSaved(bench.RunDir("stopped"), 2); }, seconds(30)));
    train.Signal(SIGINT);
    EXPECT_EQ(train.Wait(seconds(20)), 130) << train.errors();
    EXPECT_EQ(Count(train.errors(), "stopping: saving"), 1) << train.errors();
    EXPECT_EQ(Count(train.errors(), "--resume"), 1) << train.errors();
  }
  const Outcome resumed =
      RunToEnd(bench.TrainCommand("stopped", 1, 2, {launcher, "--resume"}), dir / "resumed");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  ASSERT_EQ(RunToEnd(bench.TrainCommand("whole", 1, 2, {launcher}), dir / "whole").exit_code, 0);
  EXPECT_EQ(DigestOf(bench.RunDir("stopped")), DigestOf(bench.RunDir("whole")));
}

INSTANTIATE_TEST_SUITE_P(Launchers, CliStop, testing::Values("mpi", "local"));

TEST(CliStop, ASecondInterruptKills) {
  TempDir dir;
  const Workbench bench(dir.path());
  Program train(bench.TrainCommand("run", 1, 2, {"--set=training.passes_max=100000"}),
                dir / "train");
  const std::string run_dir = bench.RunDir("run");
  ASSERT_TRUE(WaitFor([&] { return HasSaved(run_dir, 1); }, seconds(30)));
  // A worker that stands still keeps the job from stopping in order.
  const auto worker = testing_support::FindRank(run_dir, ROLE_WORKER, 0);
  ASSERT_GT(worker.pid, 0);
  ::kill(static_cast<pid_t>(worker.pid), SIGSTOP);
  train.Signal(SIGINT);
  ASSERT_TRUE(WaitFor([&] { return Count(train.errors(), "stopping") == 1; }, seconds(10)));
  train.Signal(SIGINT);
  const int exit_code = train.Wait(seconds(15));
  EXPECT_TRUE(exit_code == 1 || exit_code == 130) << exit_code << train.errors();
  EXPECT_TRUE(WaitFor([&] { return ::kill(static_cast<pid_t>(worker.pid), 0) != 0; }, seconds(5)));
}

}  // namespace
}  // namespace primacy
