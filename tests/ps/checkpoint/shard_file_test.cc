#include "ps/checkpoint/shard_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/crc32c.h"
#include "common/base/strings.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::SampleBlock;
using testing_support::SampleParameters;
using testing_support::SampleRow;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleFile;

constexpr ShardRange kAll{0, kVirtualShards};

// Everything a visit shows, as it was written.
struct Content {
  std::vector<SampleRow> rows;
  std::map<std::pair<int, uint32_t>, std::vector<float>> blocks;
  std::vector<uint32_t> shards;
};

Result<Content> ReadContent(const ShardFileReader& reader, ShardRange range) {
  Content content;
  ShardFileReader::Visitor visitor;
  visitor.row = [&content](uint32_t shard, const StoredRow& row) {
    EXPECT_EQ(shard, ShardOf(row.key));
    content.shards.push_back(shard);
    content.rows.push_back({row.table, row.key, row.update_count, row.last_pass,
                            std::vector<float>(row.floats.begin(), row.floats.end())});
    return Ok();
  };
  visitor.block = [&content](uint32_t shard, const StoredBlock& block) {
    content.shards.push_back(shard);
    content.blocks[{block.tensor, block.number}].assign(block.floats.begin(), block.floats.end());
    return Ok();
  };
  PRIMACY_TRY(reader.Visit(range, visitor));
  return content;
}

bool SameRow(const SampleRow& a, const SampleRow& b) {
  return a.table == b.table && a.key == b.key && a.update_count == b.update_count &&
         a.last_pass == b.last_pass && a.floats == b.floats;
}

TEST(ShardFileTest, ReadsBackWhatWasWritten) {
  const TempDir dir;
  const std::vector<SampleRow> rows = SampleRows(3000);
  const CheckpointFile file = WriteSampleFile(dir.path(), kAll, rows);
  EXPECT_EQ(file.name(), "shards-0000-4096.prm");
  EXPECT_EQ(file.rows(), 2400u);
  const auto bytes = ReadFile(dir / file.name(), 1 << 24);
  ASSERT_OK(bytes);
  EXPECT_EQ(file.bytes(), bytes->size());
  EXPECT_EQ(file.crc32c(), Crc32c(0, std::as_bytes(std::span(bytes->data(), bytes->size()))));

  const auto reader = ShardFileReader::Open(dir / file.name());
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->rows(), 2400u);
  EXPECT_EQ((*reader)->dense_blocks(), 3u);
  EXPECT_EQ((*reader)->table(0).rows, 1200u);
  EXPECT_EQ((*reader)->table(0).waiting, 300u);
  EXPECT_EQ((*reader)->table(0).row_floats, 8u);
  EXPECT_EQ((*reader)->table(1).row_floats, 16u);
  const auto content = ReadContent(**reader, kAll);
  ASSERT_OK(content);
  EXPECT_TRUE(std::is_sorted(content->shards.begin(), content->shards.end()));
  // Apart from waiting keys the order is that of the additions.
  std::vector<SampleRow> read = content->rows;
  const auto has_floats = [](const SampleRow& row) { return !row.floats.empty(); };
  std::vector<SampleRow> admitted_written, admitted_read;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(admitted_written), has_floats);
  std::copy_if(read.begin(), read.end(), std::back_inserter(admitted_read), has_floats);
  ASSERT_EQ(admitted_read.size(), admitted_written.size());
  for (size_t i = 0; i < admitted_read.size(); ++i)
    EXPECT_TRUE(SameRow(admitted_read[i], admitted_written[i]));
  std::sort(read.begin(), read.end(), [](const SampleRow& a, const SampleRow& b) {
    return std::tuple(ShardOf(a.key), a.table, a.key) < std::tuple(ShardOf(b.key), b.table, b.key);
  });
  ASSERT_EQ(read.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_TRUE(SameRow(read[i], rows[i])) << i;
  const DenseLayout layout(SampleParameters());
  ASSERT_EQ(content->blocks.size(), layout.blocks().size());
  for (const DenseBlock& block : layout.blocks()) {
    EXPECT_EQ(content->blocks.at({block.tensor, block.number}), SampleBlock(block));
  }
}

TEST(ShardFileTest, EqualContentsGiveEqualBytes) {
  const TempDir a, b;
  WriteSampleFile(a.path(), kAll, SampleRows(100));
  WriteSampleFile(b.path(), kAll, SampleRows(100));
  EXPECT_EQ(*ReadFile(a / ShardFileName(kAll), 1 << 20),
            *ReadFile(b / ShardFileName(kAll), 1 << 20));
}

// The example of docs/formats/checkpoint.md, byte by byte.
TEST(ShardFileTest, BytesAreThoseOfTheDocumentedExample) {
  const TempDir dir;
  ParameterSpec parameters;
  parameters.add_table()->set_dim(2);
  auto writer = ShardFileWriter::Create(dir.path(), kAll, parameters);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->BeginShard(1));
  const float floats[] = {1, -2};
  ASSERT_OK((*writer)->AddRow({0, 0x0010000000000001, 3, 0, floats}));
  ASSERT_OK((*writer)->Finish());
  const std::string bytes = *ReadFile(dir / ShardFileName(kAll), 1 << 20);
  std::string hex;
  for (const char byte : bytes)
    hex += Format("%02x", static_cast<unsigned>(static_cast<uint8_t>(byte)));
  EXPECT_EQ(hex,
            "5050524d53485244"
            "01000000"
            "00000000"
            "00100000"
            "04000000"
            "e2ea0432"
            "87f39a78"
            "0a020802"
            "50424c4b"
            "01000000"
            "00000000"
            "00000000"
            "02000000"
            "01000000"
            "602cc2fd"
            "3cee976a"
            "0100000000001000"
            "03000000"
            "00000000"
            "0000803f"
            "000000c0"
            "2400000000000000"
            "01000000"
            "00000000"
            "00000000"
            "02000000"
            "01000000"
            "602cc2fd"
            "5c00000000000000"
            "0100000000000000"
            "0000000000000000"
            "01000000"
            "ea3e5a14"
            "6170e95e"
            "50454e44");
}

TEST(ShardFileTest, AnySubRangeCanBeRead) {
  const TempDir dir;
  const std::vector<SampleRow> rows = SampleRows(3000);
  const ShardRange file_range = ShardsOf(1, 3);
  WriteSampleFile(dir.path(), file_range, rows);
  const auto reader = ShardFileReader::Open(dir / ShardFileName(file_range));
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->shards().begin, 1365u);
  EXPECT_EQ((*reader)->shards().end, 2730u);
  for (const ShardRange range : {ShardRange{0, 1365},
                                 {2730, 4096},
                                 {1365, 1366},
                                 {0, 2000},
                                 {1500, 1501},
                                 {2000, 4096},
                                 {7, 7},
                                 {0, 4096}}) {
    const auto content = ReadContent(**reader, range);
    ASSERT_OK(content);
    const auto expected = std::count_if(rows.begin(), rows.end(), [&](const SampleRow& row) {
      return range.Contains(ShardOf(row.key)) && file_range.Contains(ShardOf(row.key));
    });
    EXPECT_EQ(static_cast<int64_t>(content->rows.size()), expected)
        << range.begin << " " << range.end;
  }
}

// One shard with more than a block of rows, and rows larger than a block.
TEST(ShardFileTest, SplitsLargeShards) {
  const TempDir dir;
  ParameterSpec parameters;
  parameters.add_table()->set_dim(100);
  parameters.add_table()->set_dim(400000);
  auto writer = ShardFileWriter::Create(dir.path(), {5, 7}, parameters);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->BeginShard(5));
  std::vector<float> floats(100);
  constexpr uint64_t kRows = 10000;  // 4 MB
  for (uint64_t i = 0; i < kRows; ++i) {
    floats[i % 100] = static_cast<float>(i);
    ASSERT_OK((*writer)->AddRow({0, uint64_t{5} << 52 | i, 1, 0, floats}));
  }
  const std::vector<float> large(400000, 3.5f);
  for (uint64_t i = 0; i < 3; ++i)
    ASSERT_OK((*writer)->AddRow({1, uint64_t{5} << 52 | i, 1, 0, large}));
  const auto file = (*writer)->Finish();
  ASSERT_OK(file);
  EXPECT_EQ(file->rows(), kRows + 3);

  const auto reader = ShardFileReader::Open(dir / file->name());
  ASSERT_OK(reader);
  uint64_t next = 0, wide = 0;
  std::vector<float> expected(100);
  const auto take = [&](const StoredRow& row) {
    if (row.table == 1) {
      wide += std::equal(row.floats.begin(), row.floats.end(), large.begin(), large.end());
      return;
    }
    expected[next % 100] = static_cast<float>(next);
    EXPECT_EQ(row.key & 0xFFFFFF, next);
    EXPECT_TRUE(std::equal(row.floats.begin(), row.floats.end(), expected.begin(), expected.end()));
    ++next;
  };
  ShardFileReader::Visitor one_by_one;
  one_by_one.row = [&](uint32_t, const StoredRow& row) {
    take(row);
    return Ok();
  };
  ASSERT_OK((*reader)->Visit(kAll, one_by_one));
  EXPECT_EQ(next, kRows);
  EXPECT_EQ(wide, 3u);
  next = wide = 0;
  std::fill(expected.begin(), expected.end(), 0.0f);
  ShardFileReader::Visitor together;
  together.rows = [&](uint32_t shard, std::span<const StoredRow> rows) {
    EXPECT_EQ(shard, 5u);
    EXPECT_LE(rows.size(), ShardFileReader::kRowsTogether);
    for (const StoredRow& row : rows) {
      EXPECT_EQ(row.table, rows[0].table);
      EXPECT_EQ(row.floats.size(), rows[0].floats.size());
      take(row);
    }
    return Ok();
  };
  ASSERT_OK((*reader)->Visit(kAll, together));
  EXPECT_EQ(next, kRows);
  EXPECT_EQ(wide, 3u);
}

TEST(ShardFileTest, AnEmptyFileIsFine) {
  const TempDir dir;
  const CheckpointFile file = WriteSampleFile(dir.path(), {4000, 4001}, {});
  EXPECT_EQ(file.rows(), 0u);
  const auto reader = ShardFileReader::Open(dir / file.name());
  ASSERT_OK(reader);
  EXPECT_OK(ReadContent(**reader, kAll));
}

TEST(ShardFileTest, NothingIsLeftWithoutFinish) {
  const TempDir dir;
  {
    auto writer = ShardFileWriter::Create(dir.path(), kAll, SampleParameters());
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->BeginShard(0));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(ShardFileTest, AnErrorOfTheVisitorEndsTheVisit) {
  const TempDir dir;
  const CheckpointFile file = WriteSampleFile(dir.path(), kAll, SampleRows(20));
  const auto reader = ShardFileReader::Open(dir / file.name());
  ASSERT_OK(reader);
  int visited = 0;
  ShardFileReader::Visitor visitor;
  visitor.row = [&visited](uint32_t, const StoredRow&) -> Status {
    if (++visited == 3) return Failure("enough");
    return Ok();
  };
  const Status status = (*reader)->Visit(kAll, visitor);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "enough");
  EXPECT_EQ(visited, 3);
}

TEST(ShardFileParametersTest, RefusesShapesThatNoJobHas) {
  const TempDir dir;
  ParameterSpec parameters;
  parameters.add_table()->set_dim(0);
  EXPECT_FALSE(ShardFileWriter::Create(dir.path(), kAll, parameters).ok());
  parameters.mutable_table(0)->set_dim(1 << 30);
  EXPECT_FALSE(ShardFileWriter::Create(dir.path(), kAll, parameters).ok());
  parameters.mutable_table(0)->set_dim(8);
  TensorSpec* tensor = parameters.add_tensor();
  tensor->set_rows(int64_t{1} << 40);
  tensor->set_cols(int64_t{1} << 40);
  EXPECT_FALSE(ShardFileWriter::Create(dir.path(), kAll, parameters).ok());
}

TEST(ShardFileDeathTest, RecordsOfAnotherPlaceDie) {
  const TempDir dir;
  auto writer = *ShardFileWriter::Create(dir.path(), kAll, SampleParameters());
  const std::vector<float> floats(8);
  ASSERT_OK(writer->BeginShard(3));
  EXPECT_DEATH((void)writer->AddRow({0, Key{4} << 52, 1, 0, floats}), "key");
  EXPECT_DEATH((void)writer->AddRow({2, Key{3} << 52, 1, 0, floats}), "owner 2");
  EXPECT_DEATH((void)writer->AddRow({1, Key{3} << 52, 1, 0, std::span(floats).first(7)}),
               "owner 1");
  EXPECT_DEATH((void)writer->AddBlock({0, 2, floats}), "tensor 0 block 2");
  EXPECT_DEATH((void)writer->BeginShard(3), "shard 3 after 3");
  EXPECT_DEATH((void)writer->BeginShard(4096), "shard 4096");
}

}  // namespace
}  // namespace primacy
