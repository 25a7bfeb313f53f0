#include "tools/launch/death.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tools/launch/child_process.h"

namespace primacy {
namespace {

using State = RankRecord::State;

RankRecord Record(Role role, int rank, State state, const std::string& reason = "") {
  RankRecord record{role, rank, "node", 100 + 10 * role + rank, state, reason};
  return record;
}
RankRecord Terminated(Role role, int rank) {
  RankRecord record = Record(role, rank, State::kFailed, "terminated by a signal");
  record.by_signal = true;
  return record;
}

TEST(ExplainDeath, TheProcessThatMpirunSawDie) {
  const Remains remains{
      {Record(ROLE_SERVER, 0, State::kFailed, "worker 1: pull failed"),
       Record(ROLE_SERVER, 1, State::kRunning), Terminated(ROLE_WORKER, 0)},
      "----\nmpirun noticed that process rank 1 with PID 0 on node node exited on signal 9 "
      "(Killed).\n----\n",
      137};
  EXPECT_EQ(ExplainDeath(remains).message(), "server 1 (node, pid 101) died of signal 9 (Killed)");
}

// A rank that said why is not the one that mpirun killed: it aborted.
TEST(ExplainDeath, ServerZerosReasonStandsForTheJob) {
  const Remains remains{{Record(ROLE_SERVER, 0, State::kFailed, "lost worker 0 (node, pid 110)"),
                         Record(ROLE_WORKER, 0, State::kRunning)},
                        "process rank 0 with PID 100 on node node exited on signal 15 (Terminated)",
                        1};
  const Error error = ExplainDeath(remains);
  EXPECT_EQ(error.message(), "lost worker 0 (node, pid 110)");
  EXPECT_EQ(error.kind(), ErrorKind::kFailure);
}

TEST(ExplainDeath, AMistakeStaysOne) {
  RankRecord server = Record(ROLE_SERVER, 0, State::kFailed, "--resume: another job");
  server.usage = true;
  const Error error = ExplainDeath({{server, Terminated(ROLE_WORKER, 0)}, "", 1});
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_EQ(error.message(), "--resume: another job");
}

TEST(ExplainDeath, TheRankWithoutALastWord) {
  const Remains remains{{Terminated(ROLE_SERVER, 0), Record(ROLE_WORKER, 0, State::kRunning),
                         Record(ROLE_WORKER, 1, State::kFailed, "lost the coordinator")},
                        "",
                        1};
  EXPECT_EQ(ExplainDeath(remains).message(), "worker 0 (node, pid 110) died without a word");
}

// What mpirun does to the others after the first has ended must not hide why it ended.
TEST(ExplainDeath, ASilentServerZeroComesBeforeARankThatWasKilledForIt) {
  const Remains remains{
      {Terminated(ROLE_SERVER, 0), Record(ROLE_WORKER, 0, State::kRunning),
       Record(ROLE_WORKER, 1, State::kFailed,
              "lost the coordinator (server 0) at a:1: no answer from a:1 within 1125 ms")},
      "",
      1};
  EXPECT_EQ(ExplainDeath(remains).message(),
            "worker 1 (node, pid 111): lost the coordinator (server 0) at a:1: no answer from a:1 "
            "within 1125 ms");
}

TEST(ExplainDeath, WithoutRecordsTheOutputMustDo) {
  const Error mistake =
      ExplainDeath({{}, "---\nprimacy_ps: unknown flag --x\n---\nExit code: 2\n", 2});
  EXPECT_EQ(mistake.kind(), ErrorKind::kUsage);
  EXPECT_EQ(mistake.message(), "unknown flag --x");
  const Error unstarted = ExplainDeath({{}, "---\nno such host\nor so\n-----\n", 213, "run/log"});
  EXPECT_EQ(unstarted.kind(), ErrorKind::kUsage);
  EXPECT_EQ(
      unstarted.message(),
      "mpirun started no process: no such host (more of it in run/log); look at --hostfile and "
      "--mpi_args");
  const Error failure =
      ExplainDeath({{Terminated(ROLE_WORKER, 0)}, "out of paper\nsorry\n", 213, "run/log"});
  EXPECT_EQ(failure.kind(), ErrorKind::kFailure);
}

TEST(VanishedRanks, OnlyThoseOfThisHostThatShouldRun) {
  RankRecord gone = Record(ROLE_WORKER, 0, State::kRunning);
  gone.host = HostName();
  gone.pid = 1 << 30;  // above every pid_max
  RankRecord here = gone;
  here.pid = ::getpid();
  RankRecord ended = gone;
  ended.state = State::kFinished;
  RankRecord elsewhere = gone;
  elsewhere.host = "another-host.invalid";
  const auto vanished = VanishedRanks({gone, here, ended, elsewhere});
  ASSERT_EQ(vanished.size(), 1u);
  EXPECT_EQ(vanished[0].state, State::kRunning);
  KillRanks({here});  // this test is no rank: it lives on
}

}  // namespace
}  // namespace primacy
