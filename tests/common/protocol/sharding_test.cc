#include "common/protocol/sharding.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

TEST(Sharding, TheTopTwelveBitsChooseTheShard) {
  EXPECT_EQ(ShardOf(0), 0u);
  EXPECT_EQ(ShardOf(0x000FFFFFFFFFFFFF), 0u);
  EXPECT_EQ(ShardOf(0x0010000000000000), 1u);
  EXPECT_EQ(ShardOf(0xFFF0000000000000), 4095u);
  EXPECT_EQ(ShardOf(~Key{0}), 4095u);
}

TEST(Sharding, RangesOfServersTileTheShards) {
  for (int servers : {1, 2, 3, 5, 7, 64, 1000, 4096}) {
    uint32_t next = 0;
    for (int server = 0; server < servers; ++server) {
      const ShardRange range = ShardsOf(server, servers);
      EXPECT_EQ(range.begin, next);
      for (; next < range.end; ++next) ASSERT_EQ(ServerOf(next, servers), server);
    }
    EXPECT_EQ(next, kVirtualShards);
  }
}

TEST(Sharding, EqualValuesOfDifferentGroupsAreDifferentKeys) {
  EXPECT_EQ(TableKey(1, 42), TableKey(1, 42));
  EXPECT_NE(TableKey(1, 42), TableKey(2, 42));
  EXPECT_NE(TableKey(1, 42), TableKey(42, 1));
}

}  // namespace
}  // namespace primacy
