// What a person may see of a running job, at any moment. Thread safe.
#pragma once

#include <functional>

#include "common/base/mutex.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

class StatusBoard {
 public:
  JobStatus Get() const {
    MutexLock lock(mutex_);
    return status_;
  }
  void Update(const std::function<void(JobStatus&)>& change) {
    MutexLock lock(mutex_);
    change(status_);
  }

 private:
  mutable Mutex mutex_;
  JobStatus status_ GUARDED_BY(mutex_);
};

}  // namespace primacy
