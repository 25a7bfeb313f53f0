#include "worker/data/batch_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "common/base/hash.h"
#include "common/protocol/sharding.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Schema: slots user, item (goods), history (goods, multi-valued); one dense feature; three labels.
// Four rows.
LogBlock Block() {
  LogBlock block;
  block.rows = 4;
  block.slots.resize(3);
  block.slots[0].keys = {1, 2, 1, 3};
  block.slots[1].keys = {10, 11, 12, 10};
  block.slots[2].offsets = {0, 2, 2, 5, 6};
  block.slots[2].keys = {11, 12, 10, 10, 13, 1};
  block.dense = {{.5f, 1.5f, 2.5f, 3.5f}};
  block.labels = {1, 2, 0, /**/ 0, 3, 1, /**/ 1, 4, 2, /**/ 0, 5, 0};
  block.masks = {1, 1, 1, /**/ 1, 0, 1, /**/ 0, 1, 1, /**/ 1, 1, 0};
  block.weights = {1, 2, .5f, 0};
  block.group_ids = {100, 100, 101, 101};
  block.row_ids = {7, 8, 9, 10};
  return block;
}

// User in table 1, goods in table 0; tasks read labels 0 (logistic), 1 (squared) and 2 (softmax of
// 3).
InputSpec Input() {
  InputSpec input;
  input.slots = {{"user", "user", HashBytes("user"), 0, false, 1},
                 {"item", "goods", HashBytes("goods"), 1, false, 0},
                 {"history", "goods", HashBytes("goods"), 2, true, 0}};
  input.dense_columns = {0};
  input.tasks = {{"click", 0, TaskConfig::LOGISTIC, 0, 0},
                 {"time", 1, TaskConfig::SQUARED, 0, 1},
                 {"stars", 2, TaskConfig::SOFTMAX, 3, 2}};
  input.table_dims = {16, 8};
  return input;
}

// Keys of a slot's values, read back through positions.
std::vector<Key> KeysOf(const Batch& batch, size_t slot) {
  std::vector<Key> keys;
  for (const uint32_t position : batch.slots[slot].positions) {
    keys.push_back(batch.tables[batch.slots[slot].table].keys.at(position));
  }
  return keys;
}

std::vector<Key> Mixed(const char* group, const std::vector<uint64_t>& raw) {
  std::vector<Key> keys;
  for (const uint64_t value : raw) keys.push_back(TableKey(HashBytes(group), value));
  return keys;
}

Batch Built(const InputSpec& input, const LogBlock& block, const std::vector<uint32_t>& rows,
            int servers = 1) {
  BatchBuilder builder(input, servers);
  std::vector<RowAt> at;
  for (const uint32_t row : rows) at.push_back({&block, row});
  Batch batch;
  builder.Build(3, 1000, at, batch);
  return batch;
}

TEST(BatchBuilderTest, GathersRowsInTheOrderGiven) {
  const LogBlock block = Block();
  const Batch batch = Built(Input(), block, {2, 0, 1});
  EXPECT_EQ(batch.step, 3);
  EXPECT_EQ(batch.rows, 3u);
  EXPECT_EQ(KeysOf(batch, 0), Mixed("user", {1, 1, 2}));
  EXPECT_EQ(KeysOf(batch, 1), Mixed("goods", {12, 10, 11}));
  EXPECT_EQ(KeysOf(batch, 2), Mixed("goods", {10, 10, 13, 11, 12}));
  EXPECT_THAT(batch.slots[0].offsets, IsEmpty());
  EXPECT_THAT(batch.slots[2].offsets, ElementsAre(0, 3, 5, 5));
  EXPECT_EQ(batch.values, 11u);
  EXPECT_THAT(batch.dense, ElementsAre(2.5f, .5f, 1.5f));
  EXPECT_THAT(batch.labels, ElementsAre(0, 4, 2, 1, 2, 0, 0, 0, 1));
  EXPECT_THAT(batch.weights, ElementsAre(0, .5f, .5f, 1, 1, 1, 2, 0, 2));
  EXPECT_THAT(batch.group_ids, ElementsAre(101, 100, 100));
  EXPECT_THAT(batch.row_ids, ElementsAre(9, 7, 8));
  EXPECT_THAT(batch.row_sequence, ElementsAre(1000, 1001, 1002));
  EXPECT_EQ(batch.bad_records, 0u);
}

TEST(BatchBuilderTest, UniqueKeysAreSplitByServerThenInTheOrderOfFirstAppearance) {
  const LogBlock block = Block();
  // First appearances: item 12, 10, 11, history 13. One key for the same value of both slots of a
  // group.
  for (const int servers : {1, 2, 3}) {
    std::vector<Key> expected = Mixed("goods", {12, 10, 11, 13});
    std::stable_sort(expected.begin(), expected.end(), [&](Key a, Key b) {
      return ServerOf(ShardOf(a), servers) < ServerOf(ShardOf(b), servers);
    });
    const Batch batch = Built(Input(), block, {2, 0, 1}, servers);
    EXPECT_EQ(batch.tables[0].keys, expected);
    EXPECT_EQ(batch.tables[1].keys.size(), 2u);
    EXPECT_EQ(KeysOf(batch, 0), Mixed("user", {1, 1, 2}));
    EXPECT_EQ(KeysOf(batch, 1), Mixed("goods", {12, 10, 11}));
    EXPECT_EQ(KeysOf(batch, 2), Mixed("goods", {10, 10, 13, 11, 12}));
  }
}

TEST(BatchBuilderTest, SameValueInOtherGroupsIsAnotherKey) {
  InputSpec input = Input();
  input.slots[0].table = 0;
  const LogBlock block = Block();
  const Batch batch = Built(input, block, {3});
  // user 3, item 10, history 1.
  EXPECT_EQ(batch.tables[0].keys.size(), 3u);
  EXPECT_NE(TableKey(HashBytes("user"), 1), TableKey(HashBytes("goods"), 1));
}

TEST(BatchBuilderTest, BadLabelsDoNotCountForTheirTask) {
  LogBlock block = Block();
  block.weights = {1, 1, 1, 1};
  block.masks.assign(12, 1);
  block.labels = {1.5f, kNan, 3, /**/ kNan, 1, -1, /**/ -.1f, INFINITY, 1.5f, /**/ .25f, -7, 2};
  const Batch batch = Built(Input(), block, {0, 1, 2, 3});
  EXPECT_THAT(batch.weights, ElementsAre(0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1));
  EXPECT_THAT(batch.labels, ElementsAre(0, 0, 0, 0, 1, 0, 0, 0, 0, .25f, -7, 2));
  EXPECT_EQ(batch.bad_records, 3u);
}

TEST(BatchBuilderTest, MaskedLabelsAreNotLookedAt) {
  LogBlock block = Block();
  block.labels.assign(12, kNan);
  block.masks.assign(12, 0);
  const Batch batch = Built(Input(), block, {0, 1});
  EXPECT_THAT(batch.labels, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(batch.weights, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_EQ(batch.bad_records, 0u);
}

TEST(BatchBuilderTest, BadWeightsAndFeaturesTakeTheWholeRow) {
  LogBlock block = Block();
  block.masks.assign(12, 1);
  block.weights = {kNan, -1, 1, 1};
  block.dense[0][3] = INFINITY;
  const Batch batch = Built(Input(), block, {0, 1, 2, 3});
  EXPECT_THAT(batch.weights, ElementsAre(0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0));
  EXPECT_THAT(batch.dense, ElementsAre(.5f, 1.5f, 2.5f, 0));
  EXPECT_EQ(batch.bad_records, 3u);
}

TEST(BatchBuilderTest, OptionalColumnsMayBeMissing) {
  LogBlock block = Block();
  block.weights.clear();
  block.group_ids.clear();
  block.row_ids.clear();
  const Batch batch = Built(Input(), block, {3});
  EXPECT_THAT(batch.weights, ElementsAre(1, 1, 0));
  EXPECT_THAT(batch.group_ids, IsEmpty());
  EXPECT_THAT(batch.row_ids, IsEmpty());
}

TEST(BatchBuilderTest, ABatchCanBeEmpty) {
  const LogBlock block = Block();
  const Batch batch = Built(Input(), block, {});
  EXPECT_EQ(batch.rows, 0u);
  EXPECT_EQ(batch.tables.size(), 2u);
  EXPECT_THAT(batch.tables[0].keys, IsEmpty());
  EXPECT_THAT(batch.slots[2].offsets, ElementsAre(0));
  EXPECT_THAT(batch.labels, IsEmpty());
}

// A builder and a batch that were used before give what new ones give, on rows from several blocks.
TEST(BatchBuilderTest, ReuseLeavesNoTrace) {
  std::vector<LogBlock> blocks(3, Block());
  blocks[1].slots[0].keys = {50, 51, 52, 53};
  blocks[2].slots[2].keys = {90, 91, 92, 93, 94, 95};
  BatchBuilder used(Input(), 1);
  Batch recycled;
  for (uint64_t round = 0; round < 50; ++round) {
    std::vector<RowAt> rows;
    for (uint64_t i = 0; i < RandomBelow(1, round, 40); ++i) {
      rows.push_back({&blocks[RandomBelow(2 + round, 2 * i, 3)],
                      static_cast<uint32_t>(RandomBelow(2 + round, 2 * i + 1, 4))});
    }
    used.Build(1, round, rows, recycled);
    Batch fresh;
    BatchBuilder(Input(), 1).Build(1, round, rows, fresh);
    for (size_t t = 0; t < 2; ++t) EXPECT_EQ(recycled.tables[t].keys, fresh.tables[t].keys);
    for (size_t s = 0; s < 3; ++s) {
      EXPECT_EQ(recycled.slots[s].offsets, fresh.slots[s].offsets);
      EXPECT_EQ(recycled.slots[s].positions, fresh.slots[s].positions);
    }
    EXPECT_EQ(recycled.dense, fresh.dense);
    EXPECT_EQ(recycled.labels, fresh.labels);
    EXPECT_EQ(recycled.weights, fresh.weights);
    EXPECT_EQ(recycled.group_ids, fresh.group_ids);
    EXPECT_EQ(recycled.row_sequence, fresh.row_sequence);
    EXPECT_EQ(recycled.values, fresh.values);
  }
}

}  // namespace
}  // namespace primacy
