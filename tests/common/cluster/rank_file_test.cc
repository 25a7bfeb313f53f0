#include "common/cluster/rank_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/atomic_file.h"
#include "common/cluster/control_file.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using State = RankRecord::State;
using testing_support::TempDir;

RankRecord Worker(int rank) {
  RankRecord record;
  record.role = ROLE_WORKER;
  record.rank = rank;
  record.host = "host-a";
  return record;
}

TEST(RankFile, RunsThenKeepsItsFirstFinalState) {
  TempDir dir;
  RankFile file(dir.path(), Worker(3));
  auto records = ReadRankFiles(dir.path());
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].state, State::kRunning);
  EXPECT_EQ(records[0].pid, ::getpid());
  EXPECT_EQ(records[0].Describe(), "worker 3 (host-a, pid " + std::to_string(::getpid()) + ")");
  file.Fail(UsageError("the log has no \"like\""));
  file.Finish();
  file.FailBySignal();
  records = ReadRankFiles(dir.path());
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].state, State::kFailed);
  EXPECT_EQ(records[0].reason, "the log has no \"like\"");
  EXPECT_TRUE(records[0].usage);
  EXPECT_FALSE(records[0].by_signal);
}

TEST(RankFile, RecordsAreServersFirstThenByRank) {
  TempDir dir;
  RankRecord server;
  RankFile w10(dir.path(), Worker(10)), w2(dir.path(), Worker(2)), s(dir.path(), server);
  w2.Finish();
  s.FailBySignal();
  ASSERT_OK(WriteFileAtomically(dir / "ranks/worker-5.json", std::string_view("{\"role\":")));
  const auto records = ReadRankFiles(dir.path());
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].role, ROLE_SERVER);
  EXPECT_TRUE(records[0].by_signal);
  EXPECT_EQ(records[1].rank, 2);
  EXPECT_EQ(records[1].state, State::kFinished);
  EXPECT_EQ(records[2].rank, 10);
  RemoveRankFiles(dir.path());
  EXPECT_TRUE(ReadRankFiles(dir.path()).empty());
}

TEST(ControlFile, IsPrivateAndGoneAtTheEnd) {
  TempDir dir;
  EXPECT_FALSE(ReadControlFile(dir.path()).ok());
  {
    const auto file = ControlFile::Create(dir.path(), {"127.0.0.1:4711", "secret"});
    ASSERT_OK(file);
    struct stat status {};
    ASSERT_EQ(::stat((dir / "control.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    const auto info = ReadControlFile(dir.path());
    ASSERT_OK(info);
    EXPECT_EQ(info->endpoint, "127.0.0.1:4711");
    EXPECT_EQ(info->secret, "secret");
  }
  EXPECT_FALSE(ReadControlFile(dir.path()).ok());
}

}  // namespace
}  // namespace primacy
