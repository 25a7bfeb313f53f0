#include "ps/table/waiting_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "common/base/hash.h"

namespace primacy {
namespace {

constexpr ShardRange kRange{100, 103};

Key InShard(uint32_t shard, uint64_t number) { return (Key{shard} << 52) | (Mix64(number) >> 12); }

TEST(WaitingKeysTest, FollowsAMap) {
  WaitingKeys waiting(kRange);
  std::map<Key, uint32_t> model;
  for (uint64_t i = 0; i < 60'000; ++i) {
    const Key key = InShard(100 + RandomBelow(1, i, 3), RandomBelow(2, i, 3000));
    if (RandomBelow(3, i, 3) == 0) {
      waiting.Remove(key);
      model.erase(key);
    } else {
      const uint32_t count = static_cast<uint32_t>(i + 1);
      waiting.Set(key, {count, count / 2});
      model[key] = count;
    }
    ASSERT_EQ(waiting.size(), model.size());
  }
  for (uint64_t number = 0; number < 3000; ++number) {
    for (uint32_t shard = 100; shard < 103; ++shard) {
      const Key key = InShard(shard, number);
      const auto found = waiting.Find(key);
      ASSERT_EQ(found.has_value(), model.contains(key));
      if (found) {
        ASSERT_EQ(found->update_count, model[key]);
        ASSERT_EQ(found->last_pass, model[key] / 2);
      }
    }
  }
  std::vector<Key> listed;
  for (uint32_t shard = 100; shard < 103; ++shard) waiting.AppendKeys(shard, listed);
  std::sort(listed.begin(), listed.end());
  ASSERT_EQ(listed.size(), model.size());
  EXPECT_TRUE(std::equal(listed.begin(), listed.end(), model.begin(),
                         [](Key key, const auto& entry) { return key == entry.first; }));
}

TEST(WaitingKeysTest, AFullShardForgetsTheRarestKeys) {
  WaitingKeys waiting(kRange);
  constexpr uint64_t kMax = WaitingKeys::kKeysPerShardMax;
  for (uint64_t i = 0; i < kMax; ++i) waiting.Set(InShard(101, i), {i < 10 ? 3u : 1u, 0});
  waiting.Set(InShard(102, 0), {1, 0});
  EXPECT_EQ(waiting.size(), kMax + 1);

  waiting.Set(InShard(101, kMax), {1, 0});
  EXPECT_EQ(waiting.size(),
            12u);  // ten with a count of 3 before, the new one, and the other shard's
  EXPECT_EQ(waiting.Find(InShard(101, 3))->update_count, 2u);
  EXPECT_EQ(waiting.Find(InShard(101, 11)), std::nullopt);
  EXPECT_EQ(waiting.Find(InShard(101, kMax))->update_count, 1u);
  EXPECT_EQ(waiting.Find(InShard(102, 0))->update_count, 1u);
}

TEST(WaitingKeysTest, MemoryIsBounded) {
  WaitingKeys waiting(kRange);
  for (uint64_t i = 0; i < 200'000; ++i) waiting.Set(InShard(100, i), {1, 0});
  EXPECT_LE(waiting.size(), WaitingKeys::kKeysPerShardMax);
  EXPECT_LE(waiting.bytes(), WaitingKeys::kKeysPerShardMax * 2 * 16);
  waiting.Clear();
  EXPECT_EQ(waiting.size(), 0u);
  EXPECT_EQ(waiting.bytes(), 0u);
}

TEST(WaitingKeysTest, RemovesByPass) {
  WaitingKeys waiting(kRange);
  for (uint64_t i = 0; i < 100; ++i) waiting.Set(InShard(101, i), {1, static_cast<uint32_t>(i)});
  waiting.RemoveOlderThan(60);
  EXPECT_EQ(waiting.size(), 40u);
  EXPECT_EQ(waiting.Find(InShard(101, 59)), std::nullopt);
  EXPECT_TRUE(waiting.Find(InShard(101, 60)).has_value());
}

}  // namespace
}  // namespace primacy
