#include "ps/table/huge_pages.h"

#include <glog/logging.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>

namespace primacy {
namespace {

constexpr size_t kPageBytes = 4096;

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
  // A wish: a kernel without huge pages is slower, not wrong.
  (void)::madvise(data, whole, MADV_HUGEPAGE);
  return HugePages(data, whole);
}

HugePages::HugePages(size_t bytes) {
  std::optional<HugePages> pages = Try(bytes);
  PCHECK(pages.has_value()) << "no memory for " << bytes << " bytes of parameters";
  *this = *std::move(pages);
}

void HugePages::Release(size_t end) {
  const size_t whole = std::min(end, bytes_) / kHugePageBytes * kHugePageBytes;
  if (whole <= released_bytes_) return;
  PCHECK(::madvise(data_ + released_bytes_, whole - released_bytes_, MADV_DONTNEED) == 0);
  released_bytes_ = whole;
}

HugePages::~HugePages() { Unmap(data_, bytes_); }

}  // namespace primacy
