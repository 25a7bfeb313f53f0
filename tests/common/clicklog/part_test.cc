// Whole parts: written, read back, damaged in every place, and parts with valid checksums around
// nonsense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/clicklog/format.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/summary.h"
#include "common/clicklog/writer.h"
#include "tests/common/clicklog/log_fixtures.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::FullBlock;
using testing_support::FullRow;
using testing_support::FullSchema;
using testing_support::SameBlock;
using testing_support::TempDir;

void WritePart(const std::string& path, uint64_t rows, uint32_t rows_per_block) {
  LogWriterOptions options;
  options.rows_per_block = rows_per_block;
  Result<std::unique_ptr<LogPartWriter>> writer =
      LogPartWriter::Create(path, FullSchema(), options);
  ASSERT_OK(writer);
  for (uint64_t r = 0; r < rows; ++r) ASSERT_OK((*writer)->AppendRow(FullRow(r)));
  EXPECT_EQ((*writer)->rows(), rows);
  ASSERT_OK((*writer)->Finish());
}

void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  CHECK(file.flush().good()) << path;
}

// "" when the whole part reads well, else the first error.
std::string ReadAll(const std::string& path) {
  const Result<std::unique_ptr<LogPartReader>> part = LogPartReader::Open(path);
  if (!part.ok()) return part.error().message();
  const Result<LogContentSummary> content = VerifyPart(**part);
  return content.ok() ? "" : content.error().message();
}

TEST(LogPart, RowsComeBackInBlocks) {
  const TempDir dir;
  const std::string path = dir / PartName(7);
  EXPECT_EQ(PartName(7), "part-00007.clog");
  WritePart(path, 25, 10);
  const auto part = LogPartReader::Open(path);
  ASSERT_OK(part);
  EXPECT_EQ((*part)->rows(), 25u);
  ASSERT_EQ((*part)->block_count(), 3u);
  EXPECT_EQ((*part)->block_rows(2), 5u);
  EXPECT_EQ((*part)->file_bytes(), std::filesystem::file_size(path));
  EXPECT_EQ((*part)->schema().SerializeAsString(), FullSchema().SerializeAsString());
  for (const uint32_t b : {2u, 0u, 1u}) {
    const Result<LogBlock> block = (*part)->ReadBlock(b);
    ASSERT_OK(block);
    EXPECT_TRUE(SameBlock(*block, FullBlock(uint64_t{10} * b, b == 2 ? 5 : 10))) << b;
  }
}

TEST(LogPart, BlocksAndRowsKeepTheirOrder) {
  const TempDir dir;
  auto writer = LogPartWriter::Create(dir / "mixed.clog", FullSchema(), {});
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->AppendRow(FullRow(0)));
  ASSERT_OK((*writer)->AppendBlock(FullBlock(1, 3)));
  ASSERT_OK((*writer)->AppendRow(FullRow(4)));
  ASSERT_OK((*writer)->Finish());
  const auto part = LogPartReader::Open(dir / "mixed.clog");
  ASSERT_OK(part);
  ASSERT_EQ((*part)->block_count(), 3u);
  EXPECT_EQ((*part)->ReadBlock(1)->row_ids, (std::vector<uint64_t>{7001, 7002, 7003}));
  EXPECT_EQ((*part)->ReadBlock(2)->row_ids, (std::vector<uint64_t>{7004}));
}

TEST(LogPart, TheSameRowsGiveTheSameBytes) {
  const TempDir dir;
  WritePart(dir / "a", 100, 32);
  WritePart(dir / "b", 100, 32);
  EXPECT_EQ(*ReadFile(dir / "a", 1 << 20), *ReadFile(dir / "b", 1 << 20));
}

TEST(LogPart, BlocksPackedElsewhereGiveTheSameBytes) {
  const TempDir dir;
  WritePart(dir / "a", 25, 10);
  auto writer = LogPartWriter::Create(dir / "b", FullSchema(), {});
  ASSERT_OK(writer);
  BlockPacker packer(LogWriterOptions().zstd_level);
  for (const uint64_t first : {0, 10, 20}) {
    const auto packed = packer.Pack(FullSchema(), FullBlock(first, first == 20 ? 5 : 10));
    ASSERT_OK(packed);
    ASSERT_OK((*writer)->AppendPacked(*packed));
  }
  EXPECT_EQ((*writer)->rows(), 25u);
  ASSERT_OK((*writer)->Finish());
  EXPECT_EQ(*ReadFile(dir / "a", 1 << 20), *ReadFile(dir / "b", 1 << 20));
}

TEST(BlockPacker, RefusesWhatDoesNotMatch) {
  BlockPacker packer(1);
  LogBlock block = FullBlock(0, 3);
  block.masks.pop_back();
  EXPECT_THAT(packer.Pack(FullSchema(), block).error().message(), HasSubstr("masks"));
  EXPECT_EQ(packer.Pack(FullSchema(), FullBlock(0, 0)).error().message(), "no rows");
}

TEST(LogPart, WithoutRowsIsAPart) {
  const TempDir dir;
  WritePart(dir / "empty", 0, 10);
  const auto part = LogPartReader::Open(dir / "empty");
  ASSERT_OK(part);
  EXPECT_EQ((*part)->rows(), 0u);
  EXPECT_EQ((*part)->block_count(), 0u);
}

TEST(LogPart, UnfinishedLeavesNothing) {
  const TempDir dir;
  {
    auto writer = LogPartWriter::Create(dir / "x.clog", FullSchema(), {});
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->AppendRow(FullRow(0)));
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(LogPart, WriterRefusesWhatDoesNotMatch) {
  const TempDir dir;
  auto writer = LogPartWriter::Create(dir / "x.clog", FullSchema(), {});
  ASSERT_OK(writer);
  LogBlock block = FullBlock(0, 3);
  block.group_ids.clear();
  const Status mismatch = (*writer)->AppendBlock(block);
  ASSERT_FALSE(mismatch.ok());
  EXPECT_THAT(mismatch.error().message(),
              HasSubstr("x.clog: block 0: block does not match its schema: group id"));
  EXPECT_FALSE((*writer)->AppendBlock(FullBlock(0, 0)).ok());

  LogWriterOptions options;
  options.rows_per_block = 0;
  const auto refused = LogPartWriter::Create(dir / "y.clog", FullSchema(), options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(refused.error().message(), HasSubstr("rows_per_block"));
}

TEST(LogPart, EveryCutIsRefused) {
  const TempDir dir;
  const std::string path = dir / "cut";
  WritePart(path, 12, 5);
  std::ofstream(path, std::ios::binary | std::ios::app) << "x";
  EXPECT_THAT(ReadAll(path), StartsWith(path + ": ")) << "a byte behind the end";
  const uint64_t whole = std::filesystem::file_size(path) - 1;
  std::filesystem::resize_file(path, whole);
  ASSERT_EQ(ReadAll(path), "");
  for (uint64_t cut = 1; cut <= whole; ++cut) {
    std::filesystem::resize_file(path, whole - cut);
    const std::string error = ReadAll(path);
    ASSERT_THAT(error, StartsWith(path + ": ")) << whole - cut << " of " << whole << " bytes";
    ASSERT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(LogPart, EveryFlippedBitIsRefused) {
  const TempDir dir;
  const std::string path = dir / "flipped";
  WritePart(path, 12, 5);
  const std::string bytes = *ReadFile(path, 1 << 20);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  const auto put = [&](size_t at, char value) {
    file.seekp(static_cast<std::streamoff>(at)).put(value).flush();
    CHECK(file.good());
  };
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      put(at, static_cast<char>(bytes[at] ^ (1 << bit)));
      const std::string error = ReadAll(path);
      ASSERT_THAT(error, StartsWith(path + ": ")) << "byte " << at << " bit " << bit;
      ASSERT_EQ(error.find('\n'), std::string::npos);
    }
    put(at, bytes[at]);
  }
  EXPECT_EQ(ReadAll(path), "");
}

std::string ToString(const ByteVector& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

TEST(LogPart, WrongMagicVersionAndAbsurdCountsSayWhatIsWrong) {
  const TempDir dir;
  const std::string path = dir / "bad";
  const auto error_of = [&](const std::string& bytes) {
    Overwrite(path, bytes);
    return ReadAll(path);
  };
  WritePart(dir / "whole", 12, 50);
  const std::string bytes = *ReadFile(dir / "whole", 1 << 20);

  EXPECT_EQ(error_of("time,user,item\n1,2,3\n"), path + ": not a click log part");
  EXPECT_EQ(error_of(""), path + ": not a click log part");

  std::string version = bytes;
  version[8] = 2;
  EXPECT_EQ(error_of(version), path + ": click log version 2, this build reads version 1");

  std::string schema = bytes;
  schema[15] = 0x7F;
  EXPECT_THAT(error_of(schema), HasSubstr("head: schema of "));

  // An index with a valid checksum whose numbers are nonsense.
  const std::string head = ToString(clicklog::EncodeHead(FullSchema().SerializeAsString()));
  const auto with_index = [&](clicklog::BlockEntry entry) {
    const std::string body = head + std::string(100, 'x');
    return error_of(body + ToString(clicklog::EncodeFooter({entry}, body.size())));
  };
  EXPECT_THAT(with_index({head.size(), 0, 0xFFFFFFFF, 5, 0}),
              HasSubstr("index: block 0: 4294967295 stored bytes"));
  EXPECT_THAT(with_index({head.size(), 0, 100, 0xFFFFFFFF, 0}),
              HasSubstr("index: block 0: 4294967295 rows"));
  EXPECT_THAT(with_index({head.size() + 1, 0, 99, 5, 0}), HasSubstr("does not begin where"));
  EXPECT_THAT(with_index({head.size(), 0, 60, 5, 0}), HasSubstr("bytes that belong to no block"));
  EXPECT_THAT(with_index({head.size(), 0, 100, 5, 0}), HasSubstr("block 0: checksum differs"));
}

TEST(LogPart, FramesThatLieAboutTheirSizeAreRefused) {
  const TempDir dir;
  const std::string head = ToString(clicklog::EncodeHead(FullSchema().SerializeAsString()));
  const auto with_frame = [&](uint32_t payload_bytes, const std::string& frame) {
    const auto frame_bytes = std::as_bytes(std::span(frame.data(), frame.size()));
    const clicklog::BlockHead block = clicklog::MakeBlockHead(5, payload_bytes, frame_bytes);
    const uint32_t stored = static_cast<uint32_t>(clicklog::kBlockHeadBytes + frame.size());
    const std::string body = head + ToString(clicklog::EncodeBlockHead(block)) + frame;
    const std::string footer =
        ToString(clicklog::EncodeFooter({{head.size(), 0, stored, 5, block.crc}}, body.size()));
    Overwrite(dir / "lie", body + footer);
    return ReadAll(dir / "lie");
  };
  EXPECT_THAT(with_frame(0xFFFFFFFF, "zzzz"), HasSubstr("block 0: payload of 4294967295 bytes"));
  EXPECT_THAT(with_frame(1000, "no zstd frame"), HasSubstr("block 0: the frame does not hold"));
  EXPECT_THAT(with_frame(100, ""), HasSubstr("stored bytes do not fit"));
}

TEST(LogPart, AReplacedFileIsNoticed) {
  const TempDir dir;
  WritePart(dir / "a", 12, 5);
  const auto part = LogPartReader::Open(dir / "a");
  ASSERT_OK(part);
  std::string other = *ReadFile(dir / "a", 1 << 20);
  Overwrite(dir / "a", other.substr(0, other.size() / 2));
  EXPECT_THAT((*part)->ReadBlock(2).error().message(), HasSubstr("a: block 2: cut off"));
  std::filesystem::remove(dir / "a");
  EXPECT_THAT((*part)->ReadBlock(0).error().message(), HasSubstr("a: block 0: cannot open"));
}

TEST(LogPart, AMissingFileIsAUsageError) {
  const auto part = LogPartReader::Open("/nowhere/part-00000.clog");
  ASSERT_FALSE(part.ok());
  EXPECT_EQ(part.error().kind(), ErrorKind::kUsage);
  EXPECT_EQ(part.error().message(),
            "/nowhere/part-00000.clog: cannot open: No such file or directory");
  EXPECT_THAT(LogPartReader::Open("/tmp").error().message(), HasSubstr("/tmp: not a regular file"));
}

TEST(LogPart, ThreadsReadAtTheSameTime) {
  const TempDir dir;
  WritePart(dir / "a", 400, 10);
  const auto part = LogPartReader::Open(dir / "a");
  ASSERT_OK(part);
  std::vector<int> good(4);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < 40; ++i) {
        const uint32_t b = (i * 7 + static_cast<uint32_t>(t) * 11) % 40;
        const Result<LogBlock> block = (*part)->ReadBlock(b);
        good[t] += block.ok() && SameBlock(*block, FullBlock(uint64_t{10} * b, 10));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 40));
}

TEST(LogPart, SummaryCountsWhatIsThere) {
  const TempDir dir;
  WritePart(dir / "a", 21, 10);
  const auto part = LogPartReader::Open(dir / "a");
  ASSERT_OK(part);
  const Result<LogContentSummary> content = VerifyPart(**part);
  ASSERT_OK(content);
  EXPECT_EQ(content->rows, 21u);
  // Tags: 0+1+2+3+4 in each five rows, four times; row 20 has none.
  EXPECT_EQ(content->slot_values, (std::vector<uint64_t>{21, 21, 40}));
  // Click in the 11 even rows; like is known in 14 rows, and on in 7 and 14 of those (0 lacks it).
  EXPECT_EQ(content->label_rows, (std::vector<uint64_t>{21, 14}));
  EXPECT_EQ(content->label_sums, (std::vector<double>{11, 2}));
  EXPECT_EQ(content->timestamp_min, -5);
  EXPECT_EQ(content->timestamp_max, 195);
}

}  // namespace
}  // namespace primacy
