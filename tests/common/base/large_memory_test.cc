#include "common/base/large_memory.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

namespace primacy {
namespace {

TEST(LargeMemory, IsAlignedAndWhollyUsable) {
  for (const size_t bytes : {size_t{1}, size_t{100}, kLargeBytesMin - 1, kLargeBytesMin,
                             3 * kLargeBytesMin + 5, 4 * kLargeBytesMin}) {
    void* const data = AllocateLarge(bytes);
    const size_t alignment = bytes < kLargeBytesMin ? 64 : size_t{2} << 20;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % alignment, 0u) << bytes;
    std::memset(data, 7, bytes);
    EXPECT_EQ(static_cast<const char*>(data)[bytes - 1], 7);
    FreeLarge(data);
  }
}

TEST(LargeMemory, OfVectorsThatGrow) {
  LargeFloats floats = {1, 2};
  floats.resize(kLargeBytesMin);
  EXPECT_EQ(floats[1], 2);
  EXPECT_EQ(floats.back(), 0);
  const LargeFloats copy = floats;
  EXPECT_EQ(copy, floats);
}

}  // namespace
}  // namespace primacy
