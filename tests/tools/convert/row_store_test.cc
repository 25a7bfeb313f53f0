#include "tools/convert/row_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tools/convert/row_codec.h"

namespace primacy {
namespace {

struct Row {
  int64_t time;
  uint64_t number;
  uint32_t slice;
  std::vector<std::byte> bytes;
  bool operator==(const Row&) const = default;
};

// Rows of 0 to 299 bytes at times that come back in no order, some of them equal.
std::vector<Row> MakeRows(uint64_t count) {
  std::vector<Row> rows;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t random = RandomBits(5, i);
    rows.push_back({static_cast<int64_t>(random % 1000) - 500, i, static_cast<uint32_t>(i % 3),
                    std::vector<std::byte>(random % 300, static_cast<std::byte>(random >> 40))});
  }
  return rows;
}

std::vector<Row> DrainAll(RowStore& store) {
  std::vector<Row> out;
  const Status drained = store.Drain([&](const SequencedRow& row) {
    out.push_back({row.time, row.number, row.slice, {row.bytes.begin(), row.bytes.end()}});
    return Ok();
  });
  CHECK(drained.ok()) << drained.error().trace();
  return out;
}

class RowStoreTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RowStoreTest, GivesRowsBackInOrder) {
  testing_support::TempDir dir;
  std::vector<Row> rows = MakeRows(20000);
  {
    RowStore store(dir / "rows.tmp", GetParam());
    for (const Row& row : rows) ASSERT_OK(store.Add({row.time, row.number, row.slice, row.bytes}));
    EXPECT_EQ(store.rows(), rows.size());
    // 20,000 rows of 150 bytes and their overhead are about 4.5 MB.
    EXPECT_EQ(store.spilled_bytes() > 0, GetParam() < (4 << 20));
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return std::pair(a.time, a.number) < std::pair(b.time, b.number);
    });
    EXPECT_TRUE(DrainAll(store) == rows);
    EXPECT_EQ(store.rows(), 0u);
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

// One run, some runs, nearly a thousand runs.
INSTANTIATE_TEST_SUITE_P(Limits, RowStoreTest, testing::Values(64 << 20, 1 << 20, 5000));

TEST(RowStoreErrorTest, ADirectoryThatIsNotThereIsAFailure) {
  RowStore store("/nonexistent-directory/rows.tmp", 1);
  const std::vector<std::byte> bytes(10);
  ASSERT_OK(store.Add({0, 1, 0, bytes}));
  const Status added = store.Add({0, 2, 0, bytes});
  ASSERT_FALSE(added.ok());
  EXPECT_EQ(added.error().kind(), ErrorKind::kFailure);
}

TEST(RowCodecTest, RestoresARowAndRefusesACutOne) {
  LogSchema schema;
  schema.add_slot()->set_name("one");
  schema.add_slot()->set_name("many");
  schema.mutable_slot(1)->set_multi_valued(true);
  schema.add_dense()->set_name("d");
  schema.add_label()->set_name("y");
  schema.add_label()->set_name("z");
  schema.set_has_weight(true);
  schema.set_has_group_id(true);
  schema.set_has_row_id(true);
  schema.set_has_timestamp(true);
  const LogRow row{.slots = {{7}, {1, 2, 3}},
                   .dense = {0.5f},
                   .labels = {1, 0},
                   .masks = {1, 0},
                   .weight = 2,
                   .group_id = 11,
                   .row_id = 12,
                   .timestamp = -13};
  const RowCodec codec(schema);
  std::vector<std::byte> bytes;
  codec.Encode(row, bytes);
  EXPECT_EQ(codec.GroupId(bytes), 11u);
  LogBlock expected = MakeBlock(schema);
  LogBlock block = MakeBlock(schema);
  for (int i = 0; i < 2; ++i) {
    AppendRow(schema, row, expected);
    ASSERT_OK(codec.Append(bytes, block));
  }
  ASSERT_OK(CheckBlock(schema, block));
  EXPECT_EQ(block.slots[0].keys, expected.slots[0].keys);
  EXPECT_EQ(block.slots[1].keys, expected.slots[1].keys);
  EXPECT_EQ(block.slots[1].offsets, expected.slots[1].offsets);
  EXPECT_EQ(block.dense, expected.dense);
  EXPECT_EQ(block.labels, expected.labels);
  EXPECT_EQ(block.masks, expected.masks);
  EXPECT_EQ(block.weights, expected.weights);
  EXPECT_EQ(block.group_ids, expected.group_ids);
  EXPECT_EQ(block.row_ids, expected.row_ids);
  EXPECT_EQ(block.timestamps, expected.timestamps);
  for (size_t size = 0; size < bytes.size(); ++size) {
    LogBlock scratch = MakeBlock(schema);
    EXPECT_FALSE(codec.Append(std::span(bytes).first(size), scratch).ok()) << size;
  }
}

}  // namespace
}  // namespace primacy
