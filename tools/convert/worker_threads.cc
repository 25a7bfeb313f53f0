#include "tools/convert/worker_threads.h"

namespace primacy {

WorkerThreads::WorkerThreads(int threads) : count_(threads) {
  for (int t = 0; count_ > 1 && t < count_; ++t) threads_.emplace_back([this, t] { Work(t); });
}

WorkerThreads::~WorkerThreads() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
    jobs_.clear();
    handed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void WorkerThreads::Hand(std::function<void(int)> job) {
  if (threads_.empty()) return job(0);
  MutexLock lock(mutex_);
  jobs_.push_back(std::move(job));
  handed_.NotifyOne();
}

void WorkerThreads::Work(int thread) {
  while (true) {
    std::function<void(int)> job;
    {
      MutexLock lock(mutex_);
      while (jobs_.empty() && !ended_) handed_.Wait(mutex_);
      if (ended_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job(thread);
  }
}

}  // namespace primacy
