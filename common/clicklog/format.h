// The constants and fixed-size records of a click log part, shared by writer and reader.
// docs/formats/clicklog.md is the description in words, with a worked example.
//
//   part  := head block* index tail
//   head  := magic[8] u32:version u32:schema_bytes schema u32:crc        crc of all head bytes
//   before it block := u32:rows u32:payload_bytes u32:frame_bytes u32:crc frame    crc of the 12
//   bytes before it, then of the frame index := entry* one a block, in file order entry :=
//   u64:offset u64:first_row u32:stored_bytes u32:rows u32:crc  stored_bytes counts the block's
//   head and frame tail  := u64:index_offset u64:rows u32:blocks u32:version u32:crc magic[8]
//                                                crc of the index and of the tail's bytes before it
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/bytes.h"

namespace primacy::clicklog {

inline constexpr char kHeadMagic[9] = "PRIMCLOG";
inline constexpr char kTailMagic[9] = "GOLCMIRP";
inline constexpr uint32_t kVersion = 1;

inline constexpr size_t kMagicBytes = 8;
inline constexpr size_t kHeadFixedBytes = kMagicBytes + 4 + 4;
inline constexpr size_t kBlockHeadBytes = 16;
inline constexpr size_t kIndexEntryBytes = 28;
inline constexpr size_t kTailBytes = 8 + 8 + 4 + 4 + 4 + kMagicBytes;

// Limits, checked by the writer before writing and by the reader before allocating.
inline constexpr uint32_t kSchemaBytesMax = 1u << 20;
inline constexpr uint32_t kBlockRowsMax = 1u << 20;
inline constexpr uint32_t kPayloadBytesMax = 1u << 29;
inline constexpr uint32_t kFrameBytesMax = 1u << 29;
// Columns of one block in memory, together.
inline constexpr uint64_t kBlockMemoryMax = 1ull << 30;

struct BlockHead {
  uint32_t rows = 0;
  uint32_t payload_bytes = 0;  // before compression
  uint32_t frame_bytes = 0;    // the zstd frame that follows
  uint32_t crc = 0;
};

struct BlockEntry {
  uint64_t offset = 0;
  uint64_t first_row = 0;
  uint32_t stored_bytes = 0;
  uint32_t rows = 0;
  uint32_t crc = 0;
};

// Magic, version and schema_bytes of a head, checked; gives schema_bytes.
Result<uint32_t> DecodeHeadFixed(std::span<const std::byte> bytes);

// The head of a part whose schema is serialised as `schema`.
ByteVector EncodeHead(const std::string& schema);

// Block head and frame, ready to append; `crc` of the head is computed.
BlockHead MakeBlockHead(uint32_t rows, uint32_t payload_bytes, std::span<const std::byte> frame);
ByteVector EncodeBlockHead(const BlockHead& head);
// Head and frame of one stored block, CRC and sizes verified. Gives the head; the frame is what
// follows it.
Result<BlockHead> DecodeBlockHead(std::span<const std::byte> stored);

// Index and tail; the index begins at `index_offset`.
ByteVector EncodeFooter(const std::vector<BlockEntry>& index, uint64_t index_offset);

struct Tail {
  uint64_t index_offset = 0;
  uint64_t rows = 0;
  uint32_t blocks = 0;
  uint32_t crc = 0;
};
// The last kTailBytes of a file of `file_bytes`: magic, version, and that index and tail end the
// file exactly.
Result<Tail> DecodeTail(std::span<const std::byte> bytes, uint64_t file_bytes);
// The index of `tail`: CRC, and that its blocks follow each other from `first_offset` to the index
// without a gap. `footer` is index and tail together.
Result<std::vector<BlockEntry>> DecodeIndex(std::span<const std::byte> footer, const Tail& tail,
                                            uint64_t first_offset);

}  // namespace primacy::clicklog
