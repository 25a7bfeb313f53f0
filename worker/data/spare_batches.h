// Batches that are done with: their memory serves coming ones.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "worker/data/batch.h"

namespace primacy {

// Thread safe. Keeps at most `batches_max`.
class SpareBatches {
 public:
  explicit SpareBatches(size_t batches_max) : batches_max_(batches_max) {}

  // A batch with any contents, or an empty one.
  Batch Take() EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (batches_.empty()) return Batch();
    Batch batch = std::move(batches_.back());
    batches_.pop_back();
    return batch;
  }
  void Give(Batch batch) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    if (batches_.size() < batches_max_) batches_.push_back(std::move(batch));
  }

 private:
  const size_t batches_max_;
  Mutex mutex_;
  std::vector<Batch> batches_ GUARDED_BY(mutex_);
};

}  // namespace primacy
