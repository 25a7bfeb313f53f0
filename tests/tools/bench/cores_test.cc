#include "tools/bench/cores.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/support/result_matchers.h"

namespace primacy::bench {
namespace {

TEST(OnCore, HoldsForThreadsThatAreStartedMeanwhile) {
  const std::vector<int> before = AllowedCores();
  ASSERT_FALSE(before.empty());
  {
    const OnCore on_core(before.back());
    EXPECT_EQ(AllowedCores(), std::vector<int>{before.back()});
    std::thread([&] { EXPECT_EQ(AllowedCores(), std::vector<int>{before.back()}); }).join();
  }
  EXPECT_EQ(AllowedCores(), before);
}

TEST(CpuSeconds, AreOfOneThread) {
  const std::set<int> before = ThreadsOfProcess();
  EXPECT_TRUE(before.contains(::gettid()));
  std::atomic<int> id = 0;
  std::atomic<bool> stop = false;
  std::thread idle([&] {
    id = ::gettid();
    id.notify_one();
    stop.wait(false);
  });
  id.wait(0);
  EXPECT_FALSE(before.contains(id));
  EXPECT_TRUE(ThreadsOfProcess().contains(id));
  const Result<double> idle_before = CpuSecondsOf(id), own_before = CpuSecondsOf(::gettid());
  ASSERT_OK(idle_before);
  ASSERT_OK(own_before);
  Result<double> own = own_before;
  while (own.ok() && *own < *own_before + 0.05) own = CpuSecondsOf(::gettid());
  EXPECT_LT(*CpuSecondsOf(id), *idle_before + 0.04);
  stop = true;
  stop.notify_one();
  idle.join();
  EXPECT_FALSE(CpuSecondsOf(-1).ok());
}

}  // namespace
}  // namespace primacy::bench
