// Ranks that die or fall silent in the middle of training: the command ends, names them, and a
// resumed job ends bit-equal to an undisturbed one.
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "common/base/atomic_file.h"
#include "tests/support/cli_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using std::chrono::seconds;
using testing_support::Count;
using testing_support::DigestOf;
using testing_support::FindRank;
using testing_support::HasSaved;
using testing_support::Outcome;
using testing_support::Program;
using testing_support::RunToEnd;
using testing_support::TempDir;
using testing_support::WaitFor;
using testing_support::Workbench;

struct Victim {
  const char* name;
  Role role;
  int rank;
  int signal;
};

// The whole run, once for all victims.
std::string UndisturbedDigest() {
  static const std::string digest = [] {
    TempDir dir;
    const Workbench bench(dir.path());
    const Outcome whole = RunToEnd(bench.TrainCommand("whole", 2, 2), dir / "whole");
    return whole.exit_code == 0 ? DigestOf(bench.RunDir("whole")) : whole.errors;
  }();
  return digest;
}

class Death : public testing::TestWithParam<Victim> {};

TEST_P(Death, IsNamedAndTheJobContinues) {
  const Victim victim = GetParam();
  TempDir dir;
  const Workbench bench(dir.path());
  const std::string run_dir = bench.RunDir("run");
  // Short enough to be quick, long enough for a busy machine.
  const std::vector<std::string> extra = {"--set=runtime.heartbeat_ms=500"};
  RankRecord rank;
  {
    Program train(bench.TrainCommand("run", 2, 2, extra), dir / "train");
    ASSERT_TRUE(WaitFor([&] { return HasSaved(run_dir, 2); }, seconds(30))) << train.errors();
    rank = FindRank(run_dir, victim.role, victim.rank);
    ASSERT_GT(rank.pid, 0);
    ::kill(static_cast<pid_t>(rank.pid), victim.signal);
    EXPECT_EQ(train.Wait(seconds(15)), 1);
    // Who misses the coordinator knows its address, not its process.
    const bool silent_coordinator =
        victim.signal == SIGSTOP && victim.role == ROLE_SERVER && victim.rank == 0;
    const std::string name = silent_coordinator ? "server 0" : rank.Describe();
    EXPECT_GE(Count(train.errors(), name), 1) << train.errors();
    EXPECT_EQ(Count(train.errors(), "--resume"), 1) << train.errors();
  }
  for (const RankRecord& left : ReadRankFiles(run_dir)) {
    EXPECT_TRUE(WaitFor([&] { return ::kill(static_cast<pid_t>(left.pid), 0) != 0; }, seconds(5)))
        << left.Describe() << " is left over";
  }
  const Outcome resumed = RunToEnd(bench.TrainCommand("run", 2, 2, {"--resume"}), dir / "resumed");
  ASSERT_EQ(resumed.exit_code, 0) << resumed.errors;
  EXPECT_EQ(DigestOf(run_dir), UndisturbedDigest());
}

INSTANTIATE_TEST_SUITE_P(Victims, Death,
                         testing::Values(Victim{"worker", ROLE_WORKER, 1, SIGKILL},
                                         Victim{"server", ROLE_SERVER, 1, SIGKILL},
                                         Victim{"coordinator", ROLE_SERVER, 0, SIGKILL},
                                         Victim{"silent_worker", ROLE_WORKER, 0, SIGSTOP},
                                         Victim{"silent_server", ROLE_SERVER, 1, SIGSTOP},
                                         Victim{"silent_coordinator", ROLE_SERVER, 0, SIGSTOP}),
                         [](const auto& info) { return std::string(info.param.name); });

// It misses others when it wakes, and must not take the effect for the cause.
TEST(Death, ACoordinatorThatStoodStillSaysSo) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::string run_dir = bench.RunDir("run");
  Program train(
      bench.TrainCommand("run", 2, 1,
                         {"--set=runtime.heartbeat_ms=500", "--set=training.passes_max=100000"}),
      dir / "train");
  ASSERT_TRUE(WaitFor([&] { return HasSaved(run_dir, 2); }, seconds(30))) << train.errors();
  const auto coordinator = static_cast<pid_t>(FindRank(run_dir, ROLE_SERVER, 0).pid);
  const auto other = static_cast<pid_t>(FindRank(run_dir, ROLE_SERVER, 1).pid);
  ASSERT_GT(coordinator, 0);
  ASSERT_GT(other, 0);
  ::kill(coordinator, SIGSTOP);
  // Longer than two missed heartbeats, but not so long that the others end the job by themselves.
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  // A dead one would have mpirun end the coordinator, perhaps before it can speak.
  ::kill(other, SIGSTOP);
  ::kill(coordinator, SIGCONT);
  EXPECT_EQ(train.Wait(seconds(15)), 1);
  const auto log = ReadFile(run_dir + "/mpirun.log", 1 << 20);
  ASSERT_OK(log);
  EXPECT_GE(Count(train.errors() + *log, "server 0 itself had stood still for"), 1)
      << train.errors() << *log;
}

TEST(Death, OfMpirunEndsAllRanks) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::string run_dir = bench.RunDir("run");
  Program train(bench.TrainCommand("run", 1, 1, {"--set=training.passes_max=100000"}),
                dir / "train");
  ASSERT_TRUE(WaitFor([&] { return HasSaved(run_dir, 1); }, seconds(30))) << train.errors();
  train.Signal(SIGKILL);  // the command itself: mpirun and the ranks end with it
  for (const RankRecord& rank : ReadRankFiles(run_dir)) {
    EXPECT_TRUE(WaitFor([&] { return ::kill(static_cast<pid_t>(rank.pid), 0) != 0; }, seconds(10)))
        << rank.Describe() << " is left over";
  }
}

}  // namespace
}  // namespace primacy
