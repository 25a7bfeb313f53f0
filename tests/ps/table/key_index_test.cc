#include "ps/table/key_index.h"

#include <gtest/gtest.h>

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

TEST(KeyIndexTest, BulkFindIsFind) {
  KeyIndex index;
  std::vector<Key> keys;
  for (uint32_t i = 0; i < 1000; ++i) {
    if (i % 3 != 0) index.Insert(Mix64(i), i);
    keys.push_back(Mix64(i));
  }
  std::vector<uint32_t> values(keys.size());
  index.Prefetch(keys);
  index.Find(keys, values.data());
  for (uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(values[i], i % 3 != 0 ? i : kMissing);
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
  const size_t bytes = index.bytes();
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

TEST(KeyIndexTest, MemoryPerKeyIsBounded) {
  KeyIndex index;
  for (uint32_t i = 0; i < 1'000'000; ++i) {
    index.Insert(Mix64(i), i);
    // 64 bytes per 4 keys when full, half as much again after growing; rounding to huge pages
    // aside.
    ASSERT_LE(index.bytes(), size_t{i} * 24 + kHugePageBytes);
  }
}

}  // namespace
}  // namespace primacy
