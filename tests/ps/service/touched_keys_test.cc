#include "ps/service/touched_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/hash.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Parts {
  std::vector<uint32_t> free, touched;
};

Parts SplitOf(const TouchedKeys& keys, int64_t begin, int64_t end, std::vector<Key> asked,
              size_t table = 0) {
  Parts parts;
  keys.Split(begin, end, table, asked, parts.free, parts.touched);
  return parts;
}

TEST(TouchedKeys, TellsTheStepsOfARangeOfClocks) {
  TouchedKeys keys;
  keys.Add(4, 0, std::vector<Key>{10, 11});
  keys.Add(4, 0, std::vector<Key>{11, 12});  // another worker's
  keys.Add(5, 0, std::vector<Key>{20});
  EXPECT_THAT(SplitOf(keys, 4, 5, {10, 12, 20, 30}).touched, ElementsAre(0, 1));
  EXPECT_THAT(SplitOf(keys, 4, 5, {10, 12, 20, 30}).free, ElementsAre(2, 3));
  EXPECT_THAT(SplitOf(keys, 4, 6, {10, 12, 20, 30}).touched, ElementsAre(0, 1, 2));
  EXPECT_THAT(SplitOf(keys, 4, 4, {10, 20}).touched, IsEmpty());
  keys.Forget(4);
  EXPECT_THAT(SplitOf(keys, 4, 6, {10, 12, 20, 30}).touched, ElementsAre(2));
  keys.Clear();
  EXPECT_THAT(SplitOf(keys, 0, 9, {20}).free, ElementsAre(0));
}

TEST(TouchedKeys, TablesAreApart) {
  TouchedKeys keys;
  keys.Add(0, 1, std::vector<Key>{7});
  EXPECT_THAT(SplitOf(keys, 0, 1, {7}, 0).free, ElementsAre(0));
  EXPECT_THAT(SplitOf(keys, 0, 1, {7}, 1).touched, ElementsAre(0));
  EXPECT_THAT(SplitOf(keys, 0, 1, {7}, 2).free, ElementsAre(0));
}

TEST(TouchedKeys, MemoryUsedAgainIsEmpty) {
  TouchedKeys keys;
  for (int64_t clock = 0; clock < 50; ++clock) {
    std::vector<Key> mine, next;
    for (uint64_t i = 0; i < 500; ++i) {
      mine.push_back(Mix64(static_cast<uint64_t>(clock) * 500 + i));
      next.push_back(Mix64(static_cast<uint64_t>(clock + 1) * 500 + i));
    }
    keys.Add(clock, 0, mine);
    EXPECT_THAT(SplitOf(keys, clock, clock + 1, mine).free, IsEmpty());
    EXPECT_THAT(SplitOf(keys, clock, clock + 1, next).touched, IsEmpty());
    keys.Forget(clock);
  }
}

}  // namespace
}  // namespace primacy
