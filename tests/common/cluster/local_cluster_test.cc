#include <atomic>
#include <functional>
#include <thread>

#include "tests/common/cluster/cluster_contract.h"

namespace primacy {
namespace {

using testing_support::CheckAbort;
using testing_support::ClusterCheck;
using testing_support::ClusterContract;

// `run` on every member of a cluster, each on its own thread.
void OnEveryMember(int size, const std::function<void(Cluster&)>& run) {
  auto members = MakeLocalCluster(size);
  ASSERT_EQ(static_cast<int>(members.size()), size);
  std::vector<std::thread> threads;
  for (auto& member : members) threads.emplace_back([&] { run(*member); });
  for (std::thread& thread : threads) thread.join();
}

class LocalClusterContract : public testing::TestWithParam<ClusterCheck> {};

TEST_P(LocalClusterContract, Holds) {
  for (int size : {1, 2, 5}) {
    SCOPED_TRACE(size);
    OnEveryMember(size, GetParam().run);
  }
}

INSTANTIATE_TEST_SUITE_P(Cluster, LocalClusterContract, testing::ValuesIn(ClusterContract()),
                         testing_support::CheckName);

TEST(LocalCluster, AbortWakesEveryone) {
  for (int size : {1, 2, 5}) OnEveryMember(size, CheckAbort);
}

TEST(LocalCluster, AbortFromAnotherThreadWakesAMemberInItsCollective) {
  auto members = MakeLocalCluster(2);
  std::atomic<bool> started = false;
  std::thread waiting([&] {
    started = true;
    const auto gathered = members[0]->Gather("x", 0);
    ASSERT_FALSE(gathered.ok());
    EXPECT_EQ(gathered.error().message(), "asked to stop");
  });
  while (!started) std::this_thread::yield();
  members[0]->Abort("asked to stop");
  waiting.join();
}

TEST(LocalCluster, NoMemberLeavesABarrierBeforeAllHaveCome) {
  constexpr int kSize = 4;
  std::atomic<int> arrived = 0;
  OnEveryMember(kSize, [&](Cluster& member) {
    for (int round = 1; round <= 50; ++round) {
      ++arrived;
      EXPECT_OK(member.Barrier());
      EXPECT_GE(arrived.load(), round * kSize);
      EXPECT_OK(member.Barrier());
    }
  });
  EXPECT_EQ(arrived.load(), 50 * kSize);
}

TEST(LocalCluster, MembersThatWaitForOneThatLeftFail) {
  auto members = MakeLocalCluster(2);
  members[1].reset();
  const Status barrier = members[0]->Barrier();
  ASSERT_FALSE(barrier.ok());
  EXPECT_EQ(barrier.error().message(), "member 1 has left its cluster");
}

}  // namespace
}  // namespace primacy
