// Ctrl-C, and SIGUSR1 of an mpirun by hand: a generation is saved, the exit code says so, and a
// resumed job ends as if nothing had happened.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/support/cli_run.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using std::chrono::seconds;
using testing_support::BinaryFolder;
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

TEST(CliStop, AComparisonGoesOnWhereItWasStopped) {
  TempDir dir;
  const Workbench bench(dir.path());
  const auto compare = [&](const std::string& run, const std::vector<std::string>& extra) {
    std::vector<std::string> command = {
        BinaryFolder() + "/primacy",     "compare",   "--job=" + bench.job_file,
        "--methods=ratio:1,nmt",         "--seeds=1", "--jobs=2",
        "--run_dir=" + bench.RunDir(run)};
    command.insert(command.end(), extra.begin(), extra.end());
    return command;
  };
  const std::string training = "/shared_bottom/nmt/seed-1";
  {
    Program stopped(compare("stopped", {}), dir / "stopped");
    ASSERT_TRUE(
        WaitFor([&] { return HasSaved(bench.RunDir("stopped") + training, 2); }, seconds(30)))
        << stopped.errors();
    stopped.Signal(SIGINT);
    EXPECT_EQ(stopped.Wait(seconds(20)), 130) << stopped.errors();
    EXPECT_EQ(Count(stopped.errors(), "stopped: the same command with --resume"), 1);
  }
  EXPECT_FALSE(std::filesystem::exists(bench.RunDir("stopped") + training + "/report.json"));
  const Outcome resumed = RunToEnd(compare("stopped", {"--resume"}), dir / "resumed");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  const Outcome whole = RunToEnd(compare("whole", {}), dir / "whole");
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;
  // The differences have no seconds in them.
  const auto differences = [](const Outcome& outcome) {
    const size_t begin = outcome.printed.find("NMT - method");
    return outcome.printed.substr(begin, outcome.printed.find("paired by seed") - begin);
  };
  EXPECT_GT(differences(whole).size(), 40u);
  EXPECT_EQ(differences(resumed), differences(whole));
}

// mpirun hands SIGUSR1 on to every rank; its own Ctrl-C kills them before they could save.
TEST(CliStop, AnMpirunByHandStopsOnRequest) {
  TempDir dir;
  const Workbench bench(dir.path());
  {
    Program mpirun(bench.MpirunCommand("by_hand", 2, 2, {}), dir / "by_hand");
    ASSERT_TRUE(WaitFor([&] { return HasSaved(bench.RunDir("by_hand"), 2); }, seconds(30)));
    mpirun.Signal(SIGUSR1);
    EXPECT_EQ(mpirun.Wait(seconds(20)), 130) << mpirun.errors();
  }
  const Outcome resumed =
      RunToEnd(bench.MpirunCommand("by_hand", 2, 2, {}, {"--resume"}), dir / "resumed");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  ASSERT_EQ(RunToEnd(bench.TrainCommand("whole", 1, 2), dir / "whole").exit_code, 0);
  EXPECT_EQ(DigestOf(bench.RunDir("by_hand")), DigestOf(bench.RunDir("whole")));
}

TEST(CliStop, PredictIsThereWholeOrNotAtAll) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::vector<std::string> one_pass = {"--launcher=local", "--set=training.passes_max=1"};
  ASSERT_EQ(RunToEnd(bench.TrainCommand("run", 1, 1, one_pass), dir / "train").exit_code, 0);
  std::filesystem::create_directory(dir / "scores");
  Program predict({BinaryFolder() + "/primacy", "predict", "--checkpoint=" + bench.RunDir("run"),
                   "--out=" + (dir / "scores/test.csv")},
                  dir / "predict");
  const auto names = [&dir] {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(dir / "scores"))
      names.push_back(entry.path().filename().string());
    return names;
  };
  // Once it has begun to write, it counts interrupts.
  ASSERT_TRUE(WaitFor([&] { return !names().empty(); }, seconds(10)));
  predict.Signal(SIGINT);
  const int exit_code = predict.Wait(seconds(20));
  if (exit_code == 130) {
    EXPECT_EQ(names(), std::vector<std::string>());
    EXPECT_EQ(Count(predict.errors(), "stopped: nothing was written"), 1) << predict.errors();
  } else {  // it was faster
    EXPECT_EQ(exit_code, 0) << predict.errors();
    EXPECT_EQ(names(), std::vector<std::string>{"test.csv"});
  }
}

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
