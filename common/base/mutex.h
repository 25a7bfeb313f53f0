// A mutex that clang's thread safety analysis understands: data says which lock guards it, the
// compiler checks.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define PRIMACY_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define PRIMACY_THREAD_ATTRIBUTE(x)
#endif

#define GUARDED_BY(x) PRIMACY_THREAD_ATTRIBUTE(guarded_by(x))
#define REQUIRES(...) PRIMACY_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) PRIMACY_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))

namespace primacy {

class PRIMACY_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
 public:
  void lock() PRIMACY_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
  void unlock() PRIMACY_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a Mutex for the length of a scope.
class PRIMACY_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PRIMACY_THREAD_ATTRIBUTE(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() PRIMACY_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits with a Mutex held. Wake-ups may be spurious: wait in a loop over the condition.
class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when `deadline` (steady clock) passed first.
  template <typename TimePoint>
  bool WaitUntil(Mutex& mutex, TimePoint deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    const bool woken = condition_.wait_until(lock, deadline) == std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace primacy
