#include "common/transport/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "common/transport/message.h"

namespace primacy::transport {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST(BufferPool, BlocksHaveFourSizesPerPowerOfTwo) {
  EXPECT_EQ(BufferPool::BlockBytes(4 * kMiB), 4 * kMiB);
  EXPECT_EQ(BufferPool::BlockBytes(4 * kMiB + 1), 5 * kMiB);
  EXPECT_EQ(BufferPool::BlockBytes(6 * kMiB), 6 * kMiB);
  EXPECT_EQ(BufferPool::BlockBytes(7 * kMiB + 1), 8 * kMiB);
  // Outside of the pool's sizes nothing is wasted.
  EXPECT_EQ(BufferPool::BlockBytes(100), 128u);
  EXPECT_EQ(BufferPool::BlockBytes(64 * kMiB + 1), 64 * kMiB + 64);
}

TEST(BufferPool, ABlockIsUsedAgain) {
  BufferPool pool(16 * kMiB);
  std::byte* first = pool.Take(4 * kMiB);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 64, 0u);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  pool.Return(first, 4 * kMiB);
  EXPECT_EQ(pool.idle_bytes(), 4 * kMiB);
  // A message of nearly the same size fits into it, a larger one does not.
  std::byte* larger = pool.Take(4 * kMiB + 1);
  EXPECT_NE(larger, first);
  std::byte* again = pool.Take(4 * kMiB - 1000);
  EXPECT_EQ(again, first);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  std::memset(again, 1, 4 * kMiB - 1000);
  pool.Return(again, 4 * kMiB - 1000);
  pool.Return(larger, 4 * kMiB + 1);
  EXPECT_EQ(pool.idle_bytes(), 9 * kMiB);
}

TEST(BufferPool, WhatIsIdleIsBounded) {
  BufferPool pool(10 * kMiB);
  std::vector<std::byte*> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(pool.Take(4 * kMiB));
  for (std::byte* block : blocks) pool.Return(block, 4 * kMiB);
  EXPECT_EQ(pool.idle_bytes(), 8 * kMiB);
}

TEST(BufferPool, SmallAndHugeBlocksAreNotKept) {
  BufferPool pool(1024 * kMiB);
  for (const size_t bytes : {size_t{1}, BufferPool::kBlockBytesMin - 1, 65 * kMiB}) {
    pool.Return(pool.Take(bytes), bytes);
    EXPECT_EQ(pool.idle_bytes(), 0u) << bytes;
  }
  for (const size_t bytes : {BufferPool::kBlockBytesMin, BufferPool::kBlockBytesMax}) {
    pool.Return(pool.Take(bytes), bytes);
  }
  EXPECT_EQ(pool.idle_bytes(), BufferPool::kBlockBytesMin + BufferPool::kBlockBytesMax);
}

// No two holders ever have the same block.
TEST(BufferPool, ServesManyThreads) {
  BufferPool pool(kMiB);
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const size_t bytes = BufferPool::kBlockBytesMin * (1 + (i + t) % 5);
        std::byte* block = pool.Take(bytes);
        std::memset(block, t + 1, bytes);
        std::this_thread::yield();
        for (size_t at = 0; at < bytes; at += 4096) wrong[t] += block[at] != std::byte(t + 1);
        pool.Return(block, bytes);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
  EXPECT_LE(pool.idle_bytes(), kMiB);
}

TEST(RawBuffer, AnEmptyOneHasNoMemory) {
  EXPECT_EQ(RawBuffer(0).data(), nullptr);
  RawBuffer buffer(5 * kMiB);
  EXPECT_EQ(buffer.size(), 5 * kMiB);
  const RawBuffer moved = std::move(buffer);
  EXPECT_EQ(moved.size(), 5 * kMiB);
  EXPECT_EQ(buffer.size(), 0u);  // NOLINT: the state after a move is part of the contract
}

}  // namespace
}  // namespace primacy::transport
