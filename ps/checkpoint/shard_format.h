// The bytes of a shard file, shared by its writer and its reader. docs/formats/checkpoint.md
// explains them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/crc32c.h"

namespace primacy::shard_format {

static_assert(std::endian::native == std::endian::little,
              "files are little-endian, read and written in place");

inline constexpr uint64_t kMagic = 0x44524853'4D525050;  // "PPRMSHRD"
inline constexpr uint32_t kVersion = 1;
inline constexpr uint32_t kBlockMagic = 0x4B4C4250;  // "PBLK"
inline constexpr uint32_t kEndMagic = 0x444E4550;    // "PEND"

// A block is closed before a record would take it past this.
inline constexpr size_t kBlockBytes = 1 << 20;
// Most floats of one record (weights and slots), so that a block of one record stays small too.
inline constexpr uint32_t kRecordFloatsMax = 1 << 20;
inline constexpr uint64_t kPayloadBytesMax = 8 << 20;
inline constexpr uint32_t kParameterBytesMax = 16 << 20;

struct FileHeader {
  uint64_t magic = kMagic;
  uint32_t version = kVersion;
  uint32_t first_shard = 0;
  uint32_t end_shard = 0;
  uint32_t parameter_bytes = 0;  // of the ParameterSpec that follows
  uint32_t parameter_crc = 0;
  uint32_t header_crc = 0;  // of all before
};
static_assert(sizeof(FileHeader) == 32);

enum class BlockKind : uint32_t {
  kRows = 0,     // rows with weights and slots
  kWaiting = 1,  // keys not yet admitted: no floats
  kDense = 2,    // blocks of a dense tensor
};

// What a block holds: records of one kind, table (or tensor) and size.
struct BlockInfo {
  uint32_t shard = 0;
  BlockKind kind = BlockKind::kRows;
  uint32_t owner = 0;   // table or tensor
  uint32_t floats = 0;  // of each record
  uint32_t records = 0;
  uint32_t payload_crc = 0;
  bool operator==(const BlockInfo&) const = default;
};

struct BlockHeader {
  uint32_t magic = kBlockMagic;
  BlockInfo info;
  uint32_t header_crc = 0;  // of all before
};
static_assert(sizeof(BlockHeader) == 32);

struct RowRecord {
  uint64_t key = 0;
  uint32_t update_count = 0;
  uint32_t last_pass = 0;
};
static_assert(sizeof(RowRecord) == 16);

struct DenseRecord {
  uint32_t number = 0;
  uint32_t zero = 0;
};
static_assert(sizeof(DenseRecord) == 8);

struct IndexEntry {
  uint64_t offset = 0;  // of the block's header
  BlockInfo info;
};
static_assert(sizeof(IndexEntry) == 32);

// The last bytes of a file.
struct Trailer {
  uint64_t index_offset = 0;
  uint64_t rows = 0;          // in blocks of kRows
  uint64_t dense_blocks = 0;  // records in blocks of kDense
  uint32_t block_count = 0;
  uint32_t index_crc = 0;
  uint32_t trailer_crc = 0;  // of all before
  uint32_t magic = kEndMagic;
};
static_assert(sizeof(Trailer) == 40);

constexpr uint64_t RecordBytes(BlockKind kind, uint32_t floats) {
  return (kind == BlockKind::kDense ? sizeof(DenseRecord) : sizeof(RowRecord)) +
         uint64_t{4} * floats;
}

template <typename T>
std::span<const std::byte> BytesOf(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

// Checksum of what comes before member `crc` of `value`.
template <typename T>
uint32_t CrcBefore(const T& value, const uint32_t& crc) {
  const auto* begin = reinterpret_cast<const std::byte*>(&value);
  return Crc32c(0, {begin, reinterpret_cast<const std::byte*>(&crc)});
}

}  // namespace primacy::shard_format
