#include "ps/table/saved_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

constexpr ShardRange kShards = {100, 140};

// What SavedKeys makes of `keys`, in shares of `share` shards.
std::vector<SavedKey> SortedInShares(const std::vector<SavedKey>& keys, uint32_t share) {
  SavedKeys sorter(kShards);
  for (const SavedKey& saved : keys) sorter.Count(saved.key);
  std::vector<SavedKey> all;
  for (uint32_t begin = kShards.begin; begin < kShards.end; begin += share) {
    sorter.Start({begin, std::min(begin + share, kShards.end)});
    for (const SavedKey& saved : keys) sorter.Add(saved.key, saved.row);
    const std::span<const SavedKey> sorted = sorter.Sorted();
    all.insert(all.end(), sorted.begin(), sorted.end());
  }
  return all;
}

void ExpectSorted(const std::vector<SavedKey>& keys) {
  std::map<Key, uint32_t> expected;
  for (const SavedKey& saved : keys) expected[saved.key] = saved.row;
  for (const uint32_t share : {40u, 13u, 1u}) {
    const std::vector<SavedKey> sorted = SortedInShares(keys, share);
    ASSERT_EQ(sorted.size(), expected.size());
    size_t i = 0;
    for (const auto& [key, row] : expected) {
      ASSERT_EQ(sorted[i].key, key) << i;
      ASSERT_EQ(sorted[i++].row, row);
    }
  }
}

Key KeyIn(uint32_t shard, uint64_t rest) { return Key{shard} << 52 | rest; }

TEST(SavedKeys, HashesOfAnyNumberAShard) {
  std::vector<SavedKey> keys;
  for (uint32_t shard = kShards.begin; shard < kShards.end; ++shard) {
    const uint64_t count = shard % 3 == 0 ? 0 : RandomBelow(1, shard, shard % 7 == 0 ? 9000 : 40);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t rest = RandomBelow(shard, i, uint64_t{1} << 52);
      keys.push_back({KeyIn(shard, rest), static_cast<uint32_t>(keys.size())});
    }
  }
  ExpectSorted(keys);
}

// Numbers instead of hashes: all in one bucket, or the whole range apart.
TEST(SavedKeys, KeysThatAreNoHashes) {
  std::vector<SavedKey> keys;
  for (uint32_t i = 0; i < 5000; ++i) keys.push_back({KeyIn(107, (i * 7919u) % 5000u), i});
  keys.push_back({KeyIn(107, (uint64_t{1} << 52) - 1), SavedKey::kWaits});
  keys.push_back({KeyIn(139, 0), 5001});
  ExpectSorted(keys);
}

TEST(SavedKeys, NoKeys) { ExpectSorted({}); }

}  // namespace
}  // namespace primacy
