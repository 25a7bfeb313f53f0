#include "worker/data/unique_keys.h"

#include <gtest/gtest.h>

#include <unordered_map>
#include <vector>

#include "common/base/hash.h"
#include "common/protocol/sharding.h"

namespace primacy {
namespace {

std::vector<Key> RandomKeys(uint64_t seed, size_t count, uint64_t distinct) {
  std::vector<Key> keys(count);
  for (size_t i = 0; i < count; ++i) keys[i] = Mix64(RandomBelow(seed, i, distinct));
  return keys;
}

TEST(UniqueKeysTest, NumbersKeysByFirstAppearance) {
  UniqueKeys index;
  index.Start();
  const std::vector<Key> keys = {7, 9, 7, 0, 9, 0, 5};
  std::vector<uint32_t> numbers(keys.size());
  index.Insert(keys, numbers);
  EXPECT_EQ(numbers, (std::vector<uint32_t>{0, 1, 0, 2, 1, 2, 3}));
  const std::vector<Key> more = {5, 11};
  index.Insert(more, numbers);
  EXPECT_EQ(numbers[0], 3u);
  EXPECT_EQ(numbers[1], 4u);
  EXPECT_EQ(std::vector<Key>(index.keys().begin(), index.keys().end()),
            (std::vector<Key>{7, 9, 0, 5, 11}));
}

TEST(UniqueKeysTest, EqualsAMapThroughGrowthAndReuse) {
  UniqueKeys index;
  for (uint64_t round = 0; round < 6; ++round) {
    index.Start();
    EXPECT_TRUE(index.keys().empty());
    std::unordered_map<Key, uint32_t> expected;
    for (const size_t count : {10, 700, 20000}) {
      const std::vector<Key> keys = RandomKeys(round, count, 100 + 9000 * (round % 3));
      std::vector<uint32_t> numbers(count);
      index.Insert(keys, numbers);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(numbers[i], expected.emplace(keys[i], expected.size()).first->second);
      }
    }
    EXPECT_EQ(index.keys().size(), expected.size());
  }
}

// Keys that all fall on the same entry are still told apart.
TEST(UniqueKeysTest, SurvivesCollisions) {
  UniqueKeys index;
  index.Start();
  std::vector<Key> keys;
  for (uint64_t i = 0; i < 3000; ++i) keys.push_back(i << 32);
  std::vector<uint32_t> numbers(keys.size());
  index.Insert(keys, numbers);
  for (uint32_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], i);
}

TEST(UniqueKeysTest, SplitsByServerAndKeepsOrderWithin) {
  UniqueKeys index;
  index.Start();
  const auto key = [](uint64_t shard, uint64_t low) { return shard << 52 | low; };
  const std::vector<Key> keys = {key(4095, 3), key(2, 9), key(0, 5),
                                 key(2, 1),    key(2, 9), key(0, 4)};
  std::vector<uint32_t> numbers(keys.size());
  index.Insert(keys, numbers);
  BatchTable table;
  table.keys.resize(99);
  const auto place = index.SplitByServer(3, table);
  EXPECT_EQ(table.keys,
            (std::vector<Key>{key(2, 9), key(0, 5), key(2, 1), key(0, 4), key(4095, 3)}));
  EXPECT_EQ(table.server_begin, (std::vector<size_t>{0, 4, 4, 5}));
  EXPECT_EQ(std::vector<uint32_t>(place.begin(), place.end()),
            (std::vector<uint32_t>{4, 0, 1, 2, 3}));
  EXPECT_TRUE(index.SplitByServer(1, table).empty());
  EXPECT_EQ(table.keys, std::vector<Key>(index.keys().begin(), index.keys().end()));
  EXPECT_EQ(table.server_begin, (std::vector<size_t>{0, 5}));
}

TEST(UniqueKeysTest, PlacesPointAtTheKeys) {
  UniqueKeys index;
  index.Start();
  const std::vector<Key> keys = RandomKeys(3, 5000, 2000);
  std::vector<uint32_t> numbers(keys.size());
  index.Insert(keys, numbers);
  for (const int servers : {2, 3, 7, 100}) {
    BatchTable table;
    const auto place = index.SplitByServer(servers, table);
    for (size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(table.keys[place[numbers[i]]], keys[i]);
    ASSERT_EQ(table.server_begin.size(), servers + 1u);
    EXPECT_EQ(table.server_begin[servers], table.keys.size());
    for (int server = 0; server < servers; ++server) {
      for (size_t k = table.server_begin[server]; k < table.server_begin[server + 1]; ++k)
        ASSERT_TRUE(ShardsOf(server, servers).Contains(ShardOf(table.keys[k])));
    }
  }
}

}  // namespace
}  // namespace primacy
