#include "common/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace primacy {
namespace {

TEST(ParallelTest, DoesEveryPieceOnce) {
  for (const int threads : {-1, 1, 2, 7, 100}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{5}, size_t{1000}}) {
      std::vector<std::atomic<int>> done(count);
      ForEachInParallel(count, threads, [&](size_t i) { ++done[i]; });
      for (const std::atomic<int>& times : done) ASSERT_EQ(times.load(), 1);
    }
  }
}

TEST(ParallelTest, UsesAsManyThreadsAsAskedFor) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> waiting = 0;
  // No piece ends before three threads have begun one.
  ForEachInParallel(3, 3, [&](size_t) {
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    ++waiting;
    while (waiting < 3) std::this_thread::yield();
  });
  EXPECT_EQ(threads.size(), 3u);
  EXPECT_TRUE(threads.contains(std::this_thread::get_id()));
}

TEST(ParallelTest, ThereIsAProcessor) { EXPECT_GE(AvailableProcessors(), 1); }

}  // namespace
}  // namespace primacy
