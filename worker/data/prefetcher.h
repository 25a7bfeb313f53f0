// Runs a producer on a thread of its own, a bounded number of items ahead of their consumer.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "common/base/bounded_queue.h"
#include "common/base/result.h"

namespace primacy {

// The producer is called on the prefetcher's thread alone, until it has nothing more, fails, or
// Stop. At most `depth` items wait, and one more is being made.
template <typename T>
class Prefetcher {
 public:
  using Producer = std::function<Result<std::optional<T>>()>;

  Prefetcher(size_t depth, Producer producer)
      : queue_(depth), thread_([this, producer = std::move(producer)] { Run(producer); }) {
    CHECK_GT(depth, 0u);
  }
  ~Prefetcher() {
    Stop();
    thread_.join();
  }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  // The next item; nothing at the end and after Stop. A failure comes after the items made before
  // it, once.
  Result<std::optional<T>> Next() {
    std::optional<Result<T>> item = queue_.Pop();
    if (!item.has_value() || stopped_) return std::optional<T>();
    if (!item->ok()) return item->error();
    return std::optional<T>(*std::move(*item));
  }

  // The same without waiting: nothing, too, when no item is ready.
  Result<std::optional<T>> TryNext() {
    std::optional<Result<T>> item = queue_.TryPop();
    if (!item.has_value() || stopped_) return std::optional<T>();
    if (!item->ok()) return item->error();
    return std::optional<T>(*std::move(*item));
  }

  // Wakes Next and lets the thread end after the call of the producer that runs now. Thread safe.
  void Stop() {
    stopped_ = true;
    queue_.Close();
  }

 private:
  void Run(const Producer& producer) {
    while (!stopped_) {
      Result<std::optional<T>> item = producer();
      if (!item.ok()) {
        queue_.Push(Result<T>(item.error()));
        break;
      }
      if (!item->has_value() || !queue_.Push(Result<T>(std::move(**item)))) break;
    }
    queue_.Close();
  }

  std::atomic<bool> stopped_ = false;
  BoundedQueue<Result<T>> queue_;
  std::thread thread_;
};

}  // namespace primacy
