#include "ps/table/row_arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace primacy {
namespace {

class RowArenaTest : public testing::TestWithParam<size_t> {};

TEST_P(RowArenaTest, RowsAndCountersDoNotOverlap) {
  const size_t floats = GetParam();
  RowArena arena(floats);
  const size_t rows = 3 * kHugePageBytes / (floats * sizeof(float) + 8) + 2;  // four chunks
  std::vector<uint32_t> ids;
  for (size_t r = 0; r < rows; ++r) {
    ids.push_back(arena.Add());
    std::fill_n(arena.row(ids[r]), floats, static_cast<float>(r));
    arena.counters(ids[r]) = {static_cast<uint32_t>(r), static_cast<uint32_t>(r + 1)};
    ASSERT_EQ(reinterpret_cast<uintptr_t>(arena.row(ids[r])) % 16, 0u);
  }
  for (size_t r = 0; r < rows; ++r) {
    const float* row = arena.row(ids[r]);
    ASSERT_EQ(std::count(row, row + floats, static_cast<float>(r)), static_cast<ptrdiff_t>(floats));
    ASSERT_EQ(arena.counters(ids[r]).update_count, r);
    ASSERT_EQ(arena.counters(ids[r]).last_pass, r + 1);
  }
  EXPECT_GE(arena.bytes(), 4 * kHugePageBytes);
}

INSTANTIATE_TEST_SUITE_P(Sizes, RowArenaTest,
                         testing::Values(1, 4, 9, 17, 32, 96, 1000, 300'000,
                                         RowArena::kRowFloatsMax),
                         testing::PrintToStringParamName());

TEST(RowArenaReuseTest, RemovedRowsAreUsedAgain) {
  RowArena arena(32);
  std::vector<uint32_t> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(arena.Add());
  const size_t bytes = arena.bytes();
  for (const uint32_t id : ids) arena.Remove(id);
  std::vector<uint32_t> again;
  for (int i = 0; i < 100; ++i) again.push_back(arena.Add());
  std::sort(again.begin(), again.end());
  EXPECT_EQ(again, ids);
  EXPECT_LE(arena.bytes(), bytes + 128 * sizeof(uint32_t));
}

TEST(RowArenaReuseTest, WholeCacheLinesBeginAtOne) {
  RowArena arena(32);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(arena.row(arena.Add())) % 64, 0u);
  }
}

}  // namespace
}  // namespace primacy
