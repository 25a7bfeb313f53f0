// Memory of messages that come and go: kept, so that it is not asked of the system again for each.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "common/base/mutex.h"

namespace primacy::transport {

// Thread safe. A fresh block of some megabytes costs its first user more in page faults than its
// bytes cost to receive. Blocks come in four sizes per power of two, so at most a quarter of one is
// unused.
class BufferPool {
 public:
  // Smaller blocks are left to the allocator, larger ones too.
  static constexpr size_t kBlockBytesMin = size_t{32} << 10;
  static constexpr size_t kBlockBytesMax = size_t{64} << 20;

  // Keeps at most `idle_bytes_max` of blocks that are not in use.
  explicit BufferPool(size_t idle_bytes_max) : idle_bytes_max_(idle_bytes_max) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least `bytes` > 0, 64-byte aligned, with whatever was in it. Dies when memory is out.
  std::byte* Take(size_t bytes) EXCLUDES(mutex_);
  // What Take(bytes) gave.
  void Return(std::byte* block, size_t bytes) EXCLUDES(mutex_);

  size_t idle_bytes() EXCLUDES(mutex_);
  // The size of the block that Take(bytes) gives.
  static size_t BlockBytes(size_t bytes);

 private:
  static constexpr size_t kClasses = 45;
  static bool IsPooled(size_t bytes) { return bytes >= kBlockBytesMin && bytes <= kBlockBytesMax; }
  static size_t ClassOf(size_t block_bytes);

  const size_t idle_bytes_max_;
  Mutex mutex_;
  std::array<std::vector<std::byte*>, kClasses> idle_ GUARDED_BY(mutex_);
  size_t idle_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace primacy::transport
