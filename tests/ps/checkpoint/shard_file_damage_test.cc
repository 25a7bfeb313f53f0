// A shard file with any byte missing, changed or made up is refused, and the error says where.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/crc32c.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/checkpoint/shard_format.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleFile;

Status ReadWholly(const std::string& path) {
  PRIMACY_ASSIGN(const auto reader, ShardFileReader::Open(path));
  ShardFileReader::Visitor visitor;
  visitor.row = [](uint32_t shard, const StoredRow& row) {
    EXPECT_EQ(shard, ShardOf(row.key));
    return Ok();
  };
  visitor.block = [](uint32_t, const StoredBlock&) { return Ok(); };
  return reader->Visit({0, kVirtualShards}, visitor);
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

}  // namespace
}  // namespace primacy
