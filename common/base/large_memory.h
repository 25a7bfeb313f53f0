// Memory for large arrays that are read and written all over: on huge pages, so that translating
// addresses does not cost more than the accesses.
#pragma once

#include <cstddef>
#include <vector>

namespace primacy {

inline constexpr size_t kLargeBytesMin = size_t{1} << 20;

// At least `bytes` bytes, 64-byte aligned, with any contents. From kLargeBytesMin on they are
// aligned to and rounded up to 2 MiB, and the system is asked for huge pages. Dies when memory is
// out.
void* AllocateLarge(size_t bytes);
void FreeLarge(void* data);

template <typename T>
struct LargeAllocator {
  using value_type = T;
  LargeAllocator() = default;
  template <typename U>
  LargeAllocator(const LargeAllocator<U>&) {}  // NOLINT: the standard wants it implicit
  T* allocate(size_t count) { return static_cast<T*>(AllocateLarge(count * sizeof(T))); }
  void deallocate(T* data, size_t) { FreeLarge(data); }
  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }
};

using LargeFloats = std::vector<float, LargeAllocator<float>>;

}  // namespace primacy
