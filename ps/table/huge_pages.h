// Zeroed memory straight from the system, on huge pages where it is large: random access to a table
// of gigabytes is bound by address translation otherwise.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

namespace primacy {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

// Owns the memory. Not thread safe.
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

}  // namespace primacy
