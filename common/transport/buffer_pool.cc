#include "common/transport/buffer_pool.h"

#include <glog/logging.h>

#include <bit>
#include <cstdint>
#include <cstdlib>

#include "common/base/huge_pages.h"

// Where the sanitizer is present, it treats idle blocks, and the unused ends of those in use, as
// freed.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

namespace primacy::transport {
namespace {

constexpr size_t kAlignment = 64;
constexpr int kMinLog2 = 15;  // of kBlockBytesMin
static_assert(size_t{1} << kMinLog2 == BufferPool::kBlockBytesMin);

constexpr size_t RoundUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

std::byte* Allocate(size_t bytes) {
  const bool huge = bytes >= kHugePageBytes;
  const size_t alignment = huge ? kHugePageBytes : kAlignment;
  CHECK_LE(bytes, SIZE_MAX - alignment);
  const size_t rounded = RoundUp(bytes, kAlignment);
  void* block = nullptr;
  CHECK_EQ(::posix_memalign(&block, alignment, rounded), 0)
      << "out of memory: " << bytes << " bytes for a message";
  if (huge) AdviseHugePages(block, rounded);
  return static_cast<std::byte*>(block);
}

}  // namespace

BufferPool::~BufferPool() {
  MutexLock lock(mutex_);
  for (size_t c = 0; c < kClasses; ++c) {
    for (std::byte* block : idle_[c]) std::free(block);
  }
}

// Sizes are 2^k · {1, 1.25, 1.5, 1.75}.
size_t BufferPool::BlockBytes(size_t bytes) {
  if (!IsPooled(bytes)) return RoundUp(bytes, kAlignment);
  return RoundUp(bytes, std::bit_floor(bytes) / 4);
}

size_t BufferPool::ClassOf(size_t block_bytes) {
  const int log2 = std::bit_width(block_bytes) - 1;
  const size_t quarter = (block_bytes >> (log2 - 2)) & 3;
  return static_cast<size_t>(log2 - kMinLog2) * 4 + quarter;
}

std::byte* BufferPool::Take(size_t bytes) {
  const size_t block_bytes = BlockBytes(bytes);
  std::byte* block = nullptr;
  if (IsPooled(bytes)) {
    MutexLock lock(mutex_);
    std::vector<std::byte*>& idle = idle_[ClassOf(block_bytes)];
    if (!idle.empty()) {
      block = idle.back();
      idle.pop_back();
      idle_bytes_ -= block_bytes;
    }
  }
  if (block == nullptr) block = Allocate(block_bytes);
  ASAN_POISON_MEMORY_REGION(block, block_bytes);
  ASAN_UNPOISON_MEMORY_REGION(block, bytes);
  return block;
}

void BufferPool::Return(std::byte* block, size_t bytes) {
  const size_t block_bytes = BlockBytes(bytes);
  ASAN_UNPOISON_MEMORY_REGION(block, block_bytes);
  if (IsPooled(bytes)) {
    MutexLock lock(mutex_);
    if (idle_bytes_ + block_bytes <= idle_bytes_max_) {
      ASAN_POISON_MEMORY_REGION(block, block_bytes);
      idle_[ClassOf(block_bytes)].push_back(block);
      idle_bytes_ += block_bytes;
      return;
    }
  }
  std::free(block);
}

size_t BufferPool::idle_bytes() {
  MutexLock lock(mutex_);
  return idle_bytes_;
}

}  // namespace primacy::transport
