#include "common/base/huge_pages.h"

#include <glog/logging.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace primacy {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kHeapAlignment = 64;

size_t RoundUp(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// Null when there is no memory.
std::byte* Map(size_t bytes) {
  void* const mapped =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return mapped == MAP_FAILED ? nullptr : static_cast<std::byte*>(mapped);
}

void Unmap(std::byte* data, size_t bytes) {
  if (bytes > 0) PCHECK(::munmap(data, bytes) == 0);
}

}  // namespace

void AdviseHugePages(void* data, size_t bytes) {
  (void)::madvise(data, bytes / kHugePageBytes * kHugePageBytes, MADV_HUGEPAGE);
}

std::optional<HugePages> HugePages::Try(size_t bytes) {
  CHECK_GT(bytes, 0u);
  if (bytes < kHugePageBytes) {
    const size_t whole = RoundUp(bytes, kPageBytes);
    std::byte* const data = Map(whole);
    if (data == nullptr) return std::nullopt;
    return HugePages(data, whole);
  }
  // Mapped with room for alignment; what is left over on both sides goes back.
  const size_t whole = RoundUp(bytes, kHugePageBytes);
  std::byte* const mapped = Map(whole + kHugePageBytes);
  if (mapped == nullptr) return std::nullopt;
  const size_t before = RoundUp(reinterpret_cast<uintptr_t>(mapped), kHugePageBytes) -
                        reinterpret_cast<uintptr_t>(mapped);
  std::byte* const data = mapped + before;
  Unmap(mapped, before);
  Unmap(data + whole, kHugePageBytes - before);
  AdviseHugePages(data, whole);
  return HugePages(data, whole);
}

HugePages::HugePages(size_t bytes) {
  std::optional<HugePages> pages = Try(bytes);
  PCHECK(pages.has_value()) << "out of memory: " << bytes << " bytes";
  *this = *std::move(pages);
}

void HugePages::Release(size_t end) {
  const size_t whole = std::min(end, bytes_) / kHugePageBytes * kHugePageBytes;
  if (whole <= released_bytes_) return;
  PCHECK(::madvise(data_ + released_bytes_, whole - released_bytes_, MADV_DONTNEED) == 0);
  released_bytes_ = whole;
}

HugePages::~HugePages() { Unmap(data_, bytes_); }

void* AllocateLarge(size_t bytes) {
  const size_t unit = bytes >= kLargeBytesMin ? kHugePageBytes : kHeapAlignment;
  CHECK_LE(bytes, SIZE_MAX - unit);
  const size_t rounded = RoundUp(bytes, unit);
  void* const data = std::aligned_alloc(unit, rounded);
  CHECK(data != nullptr || bytes == 0) << "out of memory: " << bytes << " bytes";
  if (unit == kHugePageBytes) AdviseHugePages(data, rounded);
  return data;
}

void FreeLarge(void* data) { std::free(data); }

}  // namespace primacy
