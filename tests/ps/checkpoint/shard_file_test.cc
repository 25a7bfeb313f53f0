#include "ps/checkpoint/shard_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/crc32c.h"
#include "common/base/strings.h"
#include "ps/checkpoint/shard_format.h"
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

Status ReadWholly(const std::string& path) {
  PRIMACY_ASSIGN(const auto reader, ShardFileReader::Open(path));
  PRIMACY_ASSIGN(const Content content, ReadContent(*reader, kAll));
  return Ok();
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
  EXPECT_OK(ReadWholly(dir / file.name()));
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

class BrokenShardFileTest : public testing::Test {
 protected:
  BrokenShardFileTest() {
    const CheckpointFile file = WriteSampleFile(dir_.path(), kShards, SampleRows(2000));
    path_ = dir_ / file.name();
    bytes_ = *ReadFile(path_, 1 << 24);
  }
  // The error of reading `bytes` in place of the file; empty when there is none.
  std::string ErrorOf(const std::string& bytes) {
    const std::string path = dir_ / "broken.prm";
    CHECK(WriteRaw(path, bytes));
    const Status status = ReadWholly(path);
    if (status.ok()) return "";
    EXPECT_NE(status.error().message().find(path), std::string::npos) << status.error().message();
    return status.error().message();
  }
  static bool WriteRaw(const std::string& path, const std::string& bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return false;
    const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    return std::fclose(file) == 0 && written;
  }
  template <typename T>
  T At(size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  template <typename T>
  static void Put(std::string& bytes, size_t offset, const T& value) {
    std::memcpy(bytes.data() + offset, &value, sizeof(T));
  }
  size_t TrailerAt() const { return bytes_.size() - sizeof(shard_format::Trailer); }
  // `bytes` with a trailer and index that carry right checksums again.
  static std::string Sealed(std::string bytes) {
    shard_format::Trailer trailer;
    const size_t at = bytes.size() - sizeof(trailer);
    std::memcpy(&trailer, bytes.data() + at, sizeof(trailer));
    trailer.index_crc = Crc32c(0, std::as_bytes(std::span(bytes).subspan(
                                      trailer.index_offset, at - trailer.index_offset)));
    trailer.trailer_crc = shard_format::CrcBefore(trailer, trailer.trailer_crc);
    Put(bytes, at, trailer);
    return bytes;
  }

  // A few shards, so that the file is small and still has every kind of block.
  static constexpr ShardRange kShards{100, 116};
  TempDir dir_;
  std::string path_;
  std::string bytes_;
};

TEST_F(BrokenShardFileTest, EveryTruncationIsRefused) {
  ASSERT_LT(bytes_.size(), 8192u);
  EXPECT_EQ(ErrorOf(bytes_), "");
  for (size_t size = 0; size < bytes_.size(); ++size) {
    EXPECT_NE(ErrorOf(bytes_.substr(0, size)), "") << "cut to " << size << " of " << bytes_.size();
  }
}

TEST_F(BrokenShardFileTest, EveryFlippedByteIsRefused) {
  for (size_t at = 0; at < bytes_.size(); ++at) {
    for (const int mask : {0xFF, 1 << (at % 8)}) {
      std::string flipped = bytes_;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      EXPECT_NE(ErrorOf(flipped), "") << "byte " << at << " of " << bytes_.size();
    }
  }
}

TEST_F(BrokenShardFileTest, AppendedBytesAreRefused) {
  EXPECT_NE(ErrorOf(bytes_ + std::string(1, '\0')), "");
  EXPECT_NE(ErrorOf(bytes_ + bytes_.substr(TrailerAt())), "");
}

TEST_F(BrokenShardFileTest, NamesTheBlock) {
  const auto trailer = At<shard_format::Trailer>(TrailerAt());
  const auto entry =
      At<shard_format::IndexEntry>(trailer.index_offset + 2 * sizeof(shard_format::IndexEntry));
  std::string flipped = bytes_;
  flipped[entry.offset + sizeof(shard_format::BlockHeader) + 5] ^= 1;
  EXPECT_NE(
      ErrorOf(flipped).find("block 2 (shard " + std::to_string(entry.info.shard) + ", at byte "),
      std::string::npos)
      << ErrorOf(flipped);
}

TEST_F(BrokenShardFileTest, NamesAWrongMagicAndVersion) {
  EXPECT_NE(ErrorOf(std::string(5000, 'x')).find("not a shard file"), std::string::npos);
  auto header = At<shard_format::FileHeader>(0);
  header.version = 2;
  header.header_crc = shard_format::CrcBefore(header, header.header_crc);
  std::string newer = bytes_;
  Put(newer, 0, header);
  EXPECT_NE(ErrorOf(newer).find("version 2"), std::string::npos) << ErrorOf(newer);
}

// Counts that no checksum would catch: a writer of rubbish can seal it too.
TEST_F(BrokenShardFileTest, AbsurdCountsWithRightChecksumsAreRefused) {
  auto header = At<shard_format::FileHeader>(0);
  header.parameter_bytes = 0x7FFFFFFF;
  header.header_crc = shard_format::CrcBefore(header, header.header_crc);
  std::string absurd = bytes_;
  Put(absurd, 0, header);
  EXPECT_NE(ErrorOf(absurd), "");

  header = At<shard_format::FileHeader>(0);
  header.end_shard = 5000;
  header.header_crc = shard_format::CrcBefore(header, header.header_crc);
  Put(absurd = bytes_, 0, header);
  EXPECT_NE(ErrorOf(absurd), "");

  for (const uint32_t count : {0xFFFFFFFFu, 0u}) {
    auto trailer = At<shard_format::Trailer>(TrailerAt());
    trailer.block_count = count;
    trailer.trailer_crc = shard_format::CrcBefore(trailer, trailer.trailer_crc);
    Put(absurd = bytes_, TrailerAt(), trailer);
    EXPECT_NE(ErrorOf(absurd), "");
  }
  for (const uint64_t offset : {uint64_t{0}, bytes_.size() + 1, ~uint64_t{0}}) {
    auto trailer = At<shard_format::Trailer>(TrailerAt());
    trailer.index_offset = offset;
    trailer.trailer_crc = shard_format::CrcBefore(trailer, trailer.trailer_crc);
    Put(absurd = bytes_, TrailerAt(), trailer);
    EXPECT_NE(ErrorOf(absurd), "");
  }
  const auto trailer = At<shard_format::Trailer>(TrailerAt());
  const auto entry = At<shard_format::IndexEntry>(trailer.index_offset);
  const auto seal = [&](const shard_format::IndexEntry& changed) {
    std::string bytes = bytes_;
    Put(bytes, trailer.index_offset, changed);
    return Sealed(bytes);
  };
  EXPECT_EQ(ErrorOf(seal(entry)), "");
  for (const auto& change : std::vector<std::function<void(shard_format::IndexEntry&)>>{
           [](auto& e) { e.info.records = 0; },
           [](auto& e) { e.info.records = 0xFFFFFFFF; },
           [](auto& e) { e.info.records += 1; },
           [](auto& e) { e.info.floats = 0xFFFFFFFF; },
           [](auto& e) { e.info.floats = 1; },
           [](auto& e) { e.info.owner = 7; },
           [](auto& e) { e.info.kind = static_cast<shard_format::BlockKind>(9); },
           [](auto& e) { e.info.shard = 4096; },
           [](auto& e) { e.info.shard = 0; },
           [](auto& e) { e.info.payload_crc ^= 1; },
           [](auto& e) { e.offset += 4; },
           [](auto& e) { e.offset = ~uint64_t{0}; },
       }) {
    shard_format::IndexEntry changed = entry;
    change(changed);
    EXPECT_NE(ErrorOf(seal(changed)), "");
  }
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
