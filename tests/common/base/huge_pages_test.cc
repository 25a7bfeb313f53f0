#include "common/base/huge_pages.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace primacy {
namespace {

TEST(HugePagesTest, AreZeroedAlignedAndWholePages) {
  const HugePages small(100);
  EXPECT_EQ(small.bytes(), 4096u);
  HugePages large(kHugePageBytes + 1);
  EXPECT_EQ(large.bytes(), 2 * kHugePageBytes);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(large.data()) % kHugePageBytes, 0u);
  EXPECT_EQ(large.data()[0], std::byte{0});
  EXPECT_EQ(large.data()[large.bytes() - 1], std::byte{0});
}

TEST(HugePagesTest, ReleasedPagesBecomeZeros) {
  HugePages pages(2 * kHugePageBytes);
  std::memset(pages.data(), 7, pages.bytes());
  pages.Release(kHugePageBytes + 1);
  EXPECT_EQ(pages.released_bytes(), kHugePageBytes);
  EXPECT_EQ(pages.data()[kHugePageBytes - 1], std::byte{0});
  EXPECT_EQ(pages.data()[kHugePageBytes], std::byte{7});
}

TEST(HugePagesTest, MoveWithWhatTheyHold) {
  std::optional<HugePages> pages = HugePages::Try(8);
  ASSERT_TRUE(pages.has_value());
  pages->data()[3] = std::byte{5};
  const HugePages moved = *std::move(pages);
  EXPECT_EQ(moved.data()[3], std::byte{5});
}

TEST(LargeMemoryTest, IsAlignedAndWhollyUsable) {
  for (const size_t bytes : {size_t{1}, size_t{100}, kLargeBytesMin - 1, kLargeBytesMin,
                             3 * kLargeBytesMin + 5, 4 * kLargeBytesMin}) {
    void* const data = AllocateLarge(bytes);
    const size_t alignment = bytes < kLargeBytesMin ? 64 : kHugePageBytes;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % alignment, 0u) << bytes;
    std::memset(data, 7, bytes);
    EXPECT_EQ(static_cast<const char*>(data)[bytes - 1], 7);
    FreeLarge(data);
  }
}

TEST(LargeMemoryTest, OfVectorsThatGrow) {
  LargeFloats floats = {1, 2};
  floats.resize(kLargeBytesMin);
  EXPECT_EQ(floats[1], 2);
  EXPECT_EQ(floats.back(), 0);
  const LargeFloats copy = floats;
  EXPECT_EQ(copy, floats);
}

}  // namespace
}  // namespace primacy
