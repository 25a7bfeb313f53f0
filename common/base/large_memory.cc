#include "common/base/large_memory.h"

#include <glog/logging.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>

namespace primacy {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kHugePageBytes = size_t{2} << 20;

}  // namespace

void* AllocateLarge(size_t bytes) {
  const size_t unit = bytes >= kLargeBytesMin ? kHugePageBytes : kAlignment;
  CHECK_LE(bytes, SIZE_MAX - unit);
  const size_t rounded = (bytes + unit - 1) / unit * unit;
  void* const data = std::aligned_alloc(unit, rounded);
  CHECK(data != nullptr || bytes == 0) << "out of memory: " << bytes << " bytes";
  // A wish: a kernel without huge pages is slower, not wrong.
  if (unit == kHugePageBytes) (void)::madvise(data, rounded, MADV_HUGEPAGE);
  return data;
}

void FreeLarge(void* data) { std::free(data); }

}  // namespace primacy
