#include "common/base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace primacy {
namespace {

class Flag {
 public:
  void Raise() {
    MutexLock lock(mutex_);
    raised_ = true;
    changed_.NotifyAll();
  }
  // Whether it was raised before `deadline`.
  bool WaitUntil(std::chrono::steady_clock::time_point deadline) {
    MutexLock lock(mutex_);
    while (!raised_) {
      if (!changed_.WaitUntil(mutex_, deadline)) break;
    }
    return raised_;
  }
  // Waits without end.
  void Wait() {
    MutexLock lock(mutex_);
    while (!raised_) changed_.Wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool raised_ GUARDED_BY(mutex_) = false;
};

TEST(CondVar, WaitUntilGivesUpAtTheDeadlineAndHoldsTheLockAgain) {
  Flag flag;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
  EXPECT_FALSE(flag.WaitUntil(deadline));
  EXPECT_GE(std::chrono::steady_clock::now(), deadline);
  // A lock that was lost or kept would show here.
  flag.Raise();
  EXPECT_TRUE(flag.WaitUntil(deadline));
}

TEST(CondVar, ANotificationEndsTheWait) {
  Flag flag;
  std::thread raiser([&] { flag.Raise(); });
  EXPECT_TRUE(flag.WaitUntil(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
  flag.Wait();
  raiser.join();
}

TEST(Mutex, KeepsIncrementsApart) {
  Mutex mutex;
  int count = 0;
  const auto add = [&] {
    for (int i = 0; i < 10000; ++i) {
      MutexLock lock(mutex);
      ++count;
    }
  };
  std::thread other(add);
  add();
  other.join();
  EXPECT_EQ(count, 20000);
}

}  // namespace
}  // namespace primacy
