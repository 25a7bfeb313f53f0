#include "worker/data/block_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/support/result_matchers.h"
#include "tests/worker/data/memory_log.h"

namespace primacy {
namespace {

using testing_support::MemoryLog;
using testing_support::NumberedBlocks;

std::shared_ptr<MemoryLog> MakeLog(uint32_t blocks) {
  return std::make_shared<MemoryLog>(NumberedBlocks(std::vector<uint32_t>(blocks, 10)));
}

// Memory of one decoded block of MakeLog.
uint64_t OneBlock() {
  BlockCache cache(1 << 20);
  const auto log = MakeLog(1);
  CHECK(cache.Get(log, 0).ok());
  return cache.bytes();
}

TEST(BlockCacheTest, ALogThatFitsIsDecodedOnce) {
  BlockCache cache(1 << 20);
  const auto log = MakeLog(5);
  for (int pass = 0; pass < 4; ++pass) {
    for (uint32_t b = 0; b < 5; ++b) {
      const auto block = cache.Get(log, b);
      ASSERT_OK(block);
      EXPECT_EQ((*block)->row_ids, log->block(b).row_ids);
    }
  }
  EXPECT_EQ(log->reads(), 5);
  EXPECT_EQ(cache.decoded(), 5u);
}

TEST(BlockCacheTest, KeepsToItsBudgetAndKeepsWhatCameFirst) {
  BlockCache cache(3 * OneBlock());
  const auto log = MakeLog(8);
  for (int pass = 0; pass < 3; ++pass) {
    for (uint32_t b = 0; b < 8; ++b) {
      ASSERT_OK(cache.Get(log, b));
      EXPECT_LE(cache.bytes(), 3 * OneBlock());
    }
  }
  EXPECT_EQ(cache.bytes(), 3 * OneBlock());
  // Three blocks stay; the other five are read in every pass.
  EXPECT_EQ(log->reads(), 3 + 3 * 5);
}

TEST(BlockCacheTest, ALogThatIsReadMoreOftenFindsRoom) {
  BlockCache cache(3 * OneBlock());
  const auto train = MakeLog(8);
  const auto holdout = MakeLog(2);
  for (uint32_t b = 0; b < 8; ++b) ASSERT_OK(cache.Get(train, b));
  for (int evaluation = 0; evaluation < 10; ++evaluation) {
    for (uint32_t b = 0; b < 2; ++b) ASSERT_OK(cache.Get(holdout, b));
  }
  EXPECT_EQ(holdout->reads(), 3 + 3);
  EXPECT_LE(cache.bytes(), 3 * OneBlock());
}

TEST(BlockCacheTest, ABlockOutlivesItsPlace) {
  BlockCache cache(0);
  const auto log = MakeLog(1);
  const auto block = cache.Get(log, 0);
  ASSERT_OK(block);
  EXPECT_EQ((*block)->rows, 10u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(BlockCacheTest, ErrorsComeThroughAndAreNotKept) {
  BlockCache cache(1 << 20);
  const auto log = MakeLog(3);
  log->Break(1);
  const auto broken = cache.Get(log, 1);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().message(), "part-00000.clog: block 1: checksum differs");
  EXPECT_EQ(cache.bytes(), 0u);
  log->Break(-1);
  EXPECT_OK(cache.Get(log, 1));
}

TEST(BlockCacheTest, RefusesABlockWithOtherRowsThanAnnounced) {
  BlockCache cache(1 << 20);
  const auto log = MakeLog(1);
  log->AnnounceTooFewRows();
  EXPECT_FALSE(cache.Get(log, 0).ok());
}

TEST(BlockCacheTest, ManyThreadsDecodeABlockOnce) {
  BlockCache cache(1 << 20);
  const auto log = MakeLog(40);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (uint32_t b = 0; b < 40; ++b) {
        const auto block = cache.Get(log, b);
        CHECK(block.ok());
        CHECK_EQ((*block)->row_ids[0], 10 * b);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(log->reads(), 40);
}

}  // namespace
}  // namespace primacy
