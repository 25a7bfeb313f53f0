// Threads that do the jobs of one conversion; whoever hands in a job takes its result when it
// wants, so that results come in the order of the jobs and not in that of the threads.
#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/mutex.h"

namespace primacy {

// Run is for one thread at a time.
class WorkerThreads {
 public:
  // With one thread there is none beside the caller's: jobs are done as they are handed in.
  explicit WorkerThreads(int threads);
  // Forgets jobs that were not begun, and waits for the others.
  ~WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;

  int count() const { return count_; }
  // Jobs that are worth having in flight: more only take memory.
  size_t ahead() const { return count_ == 1 ? 1 : 2 * static_cast<size_t>(count_); }

  // Calls job(number of the thread, below count()), which must not wait for another job.
  template <typename Job>
  auto Run(Job job) -> std::future<decltype(job(0))> {
    auto task = std::make_shared<std::packaged_task<decltype(job(0))(int)>>(std::move(job));
    auto result = task->get_future();
    Hand([task](int thread) { (*task)(thread); });
    return result;
  }

 private:
  void Hand(std::function<void(int)> job) EXCLUDES(mutex_);
  void Work(int thread) EXCLUDES(mutex_);

  const int count_;
  Mutex mutex_;
  CondVar handed_;
  std::deque<std::function<void(int)>> jobs_ GUARDED_BY(mutex_);
  bool ended_ GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace primacy
