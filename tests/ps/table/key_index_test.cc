#include "ps/table/key_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

constexpr uint32_t kMissing = KeyIndex::kMissing;

TEST(KeyIndexTest, FindsWhatWasInsertedAndNothingElse) {
  KeyIndex index;
  constexpr uint32_t kKeys = 200'000;
  for (uint32_t i = 0; i < kKeys; ++i) index.Insert(Mix64(i), i);
  EXPECT_EQ(index.size(), kKeys);
  for (uint32_t i = 0; i < kKeys; ++i) ASSERT_EQ(index.Find(Mix64(i)), i);
  for (uint32_t i = kKeys; i < 2 * kKeys; ++i) ASSERT_EQ(index.Find(Mix64(i)), kMissing);
}

// Keys need not be mixed, and those of one server have their high bits in common.
TEST(KeyIndexTest, KeysWithoutEntropySpread) {
  for (const int shift : {0, 4, 12, 40}) {
    KeyIndex index;
    constexpr uint32_t kKeys = 100'000;
    for (uint32_t i = 0; i < kKeys; ++i)
      index.Insert(0xABC0'0000'0000'0000ull + (Key{i} << shift), i);
    for (uint32_t i = 0; i < kKeys; ++i) {
      ASSERT_EQ(index.Find(0xABC0'0000'0000'0000ull + (Key{i} << shift)), i);
    }
  }
}

TEST(KeyIndexTest, ZeroAndLargestKeyAreKeysLikeOthers) {
  KeyIndex index;
  EXPECT_EQ(index.Find(0), kMissing);
  EXPECT_EQ(index.Find(~Key{0}), kMissing);
  index.Insert(0, 7);
  EXPECT_EQ(index.Find(~Key{0}), kMissing);
  index.Insert(~Key{0}, 8);
  EXPECT_EQ(index.Find(0), 7u);
  EXPECT_EQ(index.Find(~Key{0}), 8u);
}

TEST(KeyIndexTest, FindOrInsertKeepsTheFirstValue) {
  KeyIndex index;
  EXPECT_EQ(index.FindOrInsert(5, 1), 1u);
  EXPECT_EQ(index.FindOrInsert(5, 2), 1u);
  EXPECT_EQ(index.size(), 1u);
}

TEST(KeyIndexTest, ClearForgetsAndKeepsMemory) {
  KeyIndex index;
  for (uint32_t i = 0; i < 10'000; ++i) index.Insert(Mix64(i), i);
  index.Clear();
  const size_t bytes = index.bytes();
  EXPECT_GE(bytes, size_t{10'000} * 12);
  for (int round = 0; round < 3; ++round) {
    index.Clear();
    EXPECT_EQ(index.size(), 0u);
    for (uint32_t i = 0; i < 10'000; ++i) ASSERT_EQ(index.Find(Mix64(i)), kMissing);
    for (uint32_t i = 0; i < 10'000; i += 2) index.Insert(Mix64(i), i + 1);
    for (uint32_t i = 0; i < 10'000; ++i) {
      ASSERT_EQ(index.Find(Mix64(i)), i % 2 == 0 ? i + 1 : kMissing);
    }
  }
  EXPECT_EQ(index.bytes(), bytes);
}

TEST(KeyIndexTest, FilterRemoves) {
  KeyIndex index;
  for (uint32_t i = 0; i < 10'000; ++i) index.Insert(Mix64(i), i);
  index.Filter([](Key, uint32_t value) { return value % 4 == 1; });
  EXPECT_EQ(index.size(), 2500u);
  std::map<Key, uint32_t> left;
  index.ForEach([&](Key key, uint32_t value) { left[key] = value; });
  EXPECT_EQ(left.size(), 2500u);
  for (uint32_t i = 0; i < 10'000; ++i) {
    ASSERT_EQ(index.Find(Mix64(i)), i % 4 == 1 ? i : kMissing);
    ASSERT_EQ(left.contains(Mix64(i)), i % 4 == 1);
  }
}

TEST(KeyIndexTest, EveryKeyIsThereWhileTheTableGrows) {
  KeyIndex index;
  constexpr uint32_t kKeys = 60'000;
  // Checked often enough to see growth at its beginning, in its midst and at its end.
  for (uint32_t i = 0; i < kKeys; ++i) {
    index.Insert(Mix64(i), i);
    if (i % 1501 != 0) continue;
    ASSERT_EQ(index.size(), i + 1);
    for (uint32_t k = 0; k <= i; ++k) ASSERT_EQ(index.Find(Mix64(k)), k) << i;
    for (uint32_t k = i + 1; k <= i + 1000; ++k) ASSERT_EQ(index.Find(Mix64(k)), kMissing) << i;
    std::vector<bool> seen(i + 1);
    index.ForEach([&](Key key, uint32_t value) {
      ASSERT_EQ(key, Mix64(value));
      ASSERT_FALSE(seen[value]);
      seen[value] = true;
    });
    ASSERT_EQ(std::count(seen.begin(), seen.end(), true), i + 1);
  }
}

// Filter, Clear and Reserve at every stage of growth.
TEST(KeyIndexTest, GrowthMayBeInterrupted) {
  for (uint32_t keys = 10'000; keys < 13'000; keys += 97) {
    KeyIndex filtered;
    for (uint32_t i = 0; i < keys; ++i) filtered.Insert(Mix64(i), i);
    filtered.Reserve(100);
    ASSERT_EQ(filtered.size(), keys);
    for (uint32_t i = 0; i < 100; ++i) filtered.Insert(Mix64(keys + i), keys + i);
    filtered.Filter([](Key, uint32_t value) { return value % 2 == 1; });
    ASSERT_EQ(filtered.size(), (keys + 100) / 2);
    for (uint32_t i = 0; i < keys + 100; ++i) {
      ASSERT_EQ(filtered.Find(Mix64(i)), i % 2 == 1 ? i : kMissing);
    }
    KeyIndex cleared;
    for (uint32_t i = 0; i < keys; ++i) cleared.Insert(Mix64(i), i);
    cleared.Clear();
    ASSERT_EQ(cleared.size(), 0u);
    for (uint32_t i = 0; i < keys; ++i) ASSERT_EQ(cleared.Find(Mix64(i)), kMissing);
    for (uint32_t i = 0; i < keys; ++i) ASSERT_EQ(cleared.FindOrInsert(Mix64(i), i + 1), i + 1);
  }
}

// Keys whose hashes are the last ones overflow beyond the last home, again and again.
TEST(KeyIndexTest, ManyKeysAtTheEnd) {
  // The inverse of the hash's multiplier modulo 2^64, by Newton's iteration.
  constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ull;
  uint64_t inverse = kMultiplier;
  for (int i = 0; i < 6; ++i) inverse *= 2 - kMultiplier * inverse;
  ASSERT_EQ(inverse * kMultiplier, 1u);
  KeyIndex index;
  constexpr uint32_t kKeys = 3000;
  const auto key = [&](uint64_t i) { return (~uint64_t{0} - (i << 44)) * inverse; };
  for (uint32_t i = 0; i < kKeys; ++i) {
    index.Insert(key(i), i);
    if (i % 50 != 0) continue;
    for (uint32_t k = 0; k <= i; ++k) ASSERT_EQ(index.Find(key(k)), k) << i;
    ASSERT_EQ(index.Find(key(i + 1)), kMissing);
    uint32_t visited = 0;
    index.ForEach([&](Key, uint32_t) { ++visited; });
    ASSERT_EQ(visited, i + 1);
  }
}

TEST(KeyIndexTest, MemoryPerKeyIsBounded) {
  KeyIndex index;
  size_t bytes_max = 0;
  for (uint32_t i = 0; i < 2'000'000; ++i) {
    index.Insert(Mix64(i), i);
    // 64 bytes per 3.2 keys when growth begins, half as much again for a quarter more keys when it
    // has ended; unfinished huge pages aside.
    ASSERT_LE(index.bytes(), size_t{i} * 24 + 2 * kHugePageBytes);
    bytes_max = std::max(bytes_max, index.bytes());
  }
  EXPECT_GE(bytes_max, size_t{2'000'000} * 12);
}

}  // namespace
}  // namespace primacy
