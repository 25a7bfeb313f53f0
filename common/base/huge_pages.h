// Memory on huge pages where it is large: random access to gigabytes is bound by address
// translation otherwise. From the system, zeroed, for what grows and stays (HugePages); from the
// heap, with any contents, for arrays that come and go (AllocateLarge).
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace primacy {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

// Asks the system for huge pages wherever a whole one fits into `bytes` bytes from `data` on. A
// wish: a kernel without huge pages is slower, not wrong. REQUIRES: `data` is aligned to
// kHugePageBytes.
void AdviseHugePages(void* data, size_t bytes);

// Owns zeroed memory straight from the system. Not thread safe.
class HugePages {
 public:
  HugePages() = default;
  // At least `bytes` > 0 zero bytes, rounded up to whole pages. From kHugePageBytes on they are
  // aligned to it and the system is asked for huge pages. Dies when there is no memory left.
  explicit HugePages(size_t bytes);
  // The same, or nothing when there is no memory left.
  static std::optional<HugePages> Try(size_t bytes);
  ~HugePages();
  HugePages(HugePages&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        bytes_(std::exchange(other.bytes_, 0)),
        released_bytes_(std::exchange(other.released_bytes_, 0)) {}
  HugePages& operator=(HugePages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    std::swap(released_bytes_, other.released_bytes_);
    return *this;
  }

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }

  // Gives whole huge pages before offset `end` back to the system; what is there becomes zeros.
  void Release(size_t end);
  size_t released_bytes() const { return released_bytes_; }

 private:
  HugePages(std::byte* data, size_t bytes) : data_(data), bytes_(bytes) {}

  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
  size_t released_bytes_ = 0;  // from the front
};

inline constexpr size_t kLargeBytesMin = size_t{1} << 20;

// At least `bytes` bytes of the heap, 64-byte aligned, with any contents. From kLargeBytesMin on
// they are aligned to and rounded up to kHugePageBytes, and the system is asked for huge pages.
// Dies when memory is out.
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
