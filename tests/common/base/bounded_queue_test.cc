#include "common/base/bounded_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace primacy {
namespace {

TEST(BoundedQueue, IsFirstInFirstOut) {
  BoundedQueue<int> queue(3);
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(queue.Push(i));
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
}

TEST(BoundedQueue, CarriesItemsThatOnlyMove) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.Push(std::make_unique<int>(7)));
  EXPECT_EQ(**queue.Pop(), 7);
}

TEST(BoundedQueue, AfterCloseRefusesAndDrains) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.Push(1));
  queue.Close();
  EXPECT_FALSE(queue.Push(2));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  EXPECT_EQ(queue.TryPop(), std::nullopt);
}

TEST(BoundedQueue, AFullQueueHoldsItsProducer) {
  constexpr int kItems = 1000;
  constexpr int kCapacity = 4;
  BoundedQueue<int> queue(kCapacity);
  std::atomic<int> pushed = 0;
  std::thread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      EXPECT_TRUE(queue.Push(i));
      ++pushed;
    }
  });
  for (int i = 0; i < kItems; ++i) {
    EXPECT_EQ(queue.Pop(), i);
    // What was taken and what fits is all that can have gone in.
    EXPECT_LE(pushed.load(), i + 1 + kCapacity);
  }
  producer.join();
}

TEST(BoundedQueue, CloseWakesAProducerOfAFullQueue) {
  BoundedQueue<int> queue(1);
  EXPECT_TRUE(queue.Push(1));
  std::thread producer([&] { EXPECT_FALSE(queue.Push(2)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  queue.Close();
  producer.join();
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, CloseWakesAllConsumersOfAnEmptyQueue) {
  BoundedQueue<int> queue(1);
  std::vector<std::thread> consumers;
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] { EXPECT_EQ(queue.Pop(), std::nullopt); });
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
}

TEST(BoundedQueue, ManyProducersAndConsumersLoseAndRepeatNothing) {
  constexpr int kThreads = 3;
  constexpr int kItemsEach = 2000;
  BoundedQueue<int> queue(8);
  std::vector<std::atomic<int>> seen(size_t{kThreads} * kItemsEach);
  std::vector<std::thread> producers;
  std::vector<std::thread> consumers;
  for (int t = 0; t < kThreads; ++t) {
    producers.emplace_back([&queue, t] {
      for (int i = 0; i < kItemsEach; ++i) EXPECT_TRUE(queue.Push(t * kItemsEach + i));
    });
    consumers.emplace_back([&] {
      while (const std::optional<int> item = queue.Pop()) ++seen[*item];
    });
  }
  for (std::thread& producer : producers) producer.join();
  queue.Close();
  for (std::thread& consumer : consumers) consumer.join();
  for (const std::atomic<int>& count : seen) EXPECT_EQ(count.load(), 1);
}

}  // namespace
}  // namespace primacy
