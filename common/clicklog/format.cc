#include "common/clicklog/format.h"

#include <cstring>

#include "common/base/crc32c.h"
#include "common/base/strings.h"

namespace primacy::clicklog {
namespace {

std::span<const std::byte> AsBytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

bool HasMagic(std::span<const std::byte> bytes, const char* magic) {
  return bytes.size() == kMagicBytes && std::memcmp(bytes.data(), magic, kMagicBytes) == 0;
}

Status CheckVersion(uint32_t version) {
  if (version == kVersion) return Ok();
  return Failure(Format("click log version %u, this build reads version %u", version, kVersion));
}

Status CheckEntry(const BlockEntry& entry, uint64_t offset, uint64_t first_row, uint64_t end) {
  if (entry.offset != offset || entry.first_row != first_row) {
    return Failure("does not begin where the block before it ends");
  }
  if (entry.rows == 0 || entry.rows > kBlockRowsMax) {
    return Failure(Format("%u rows, the most is %u", entry.rows, kBlockRowsMax));
  }
  if (entry.stored_bytes <= kBlockHeadBytes || entry.stored_bytes > end - offset ||
      entry.stored_bytes > kFrameBytesMax + kBlockHeadBytes) {
    return Failure(Format("%u stored bytes do not fit", entry.stored_bytes));
  }
  return Ok();
}

}  // namespace

ByteVector EncodeHead(const std::string& schema) {
  ByteVector head;
  PutBytes(AsBytes({kHeadMagic, kMagicBytes}), head);
  PutNumber<uint32_t>(kVersion, head);
  PutNumber<uint32_t>(static_cast<uint32_t>(schema.size()), head);
  PutBytes(AsBytes(schema), head);
  PutNumber<uint32_t>(Crc32c(0, head), head);
  return head;
}

Result<uint32_t> DecodeHeadFixed(std::span<const std::byte> bytes) {
  ByteReader reader(bytes);
  const bool magic = HasMagic(reader.TakeBytes(kMagicBytes), kHeadMagic);
  const uint32_t version = reader.Take<uint32_t>();
  const uint32_t schema_bytes = reader.Take<uint32_t>();
  if (!reader.ok() || !magic) return Failure("not a click log part");
  PRIMACY_TRY(CheckVersion(version));
  if (schema_bytes > kSchemaBytesMax) {
    return Failure(
        Format("head: schema of %u bytes, the most is %u", schema_bytes, kSchemaBytesMax));
  }
  return schema_bytes;
}

BlockHead MakeBlockHead(uint32_t rows, uint32_t payload_bytes, std::span<const std::byte> frame) {
  BlockHead head{rows, payload_bytes, static_cast<uint32_t>(frame.size()), 0};
  const ByteVector bytes = EncodeBlockHead(head);
  head.crc = Crc32c(Crc32c(0, std::span(bytes).first(kBlockHeadBytes - 4)), frame);
  return head;
}

ByteVector EncodeBlockHead(const BlockHead& head) {
  ByteVector bytes;
  PutNumber<uint32_t>(head.rows, bytes);
  PutNumber<uint32_t>(head.payload_bytes, bytes);
  PutNumber<uint32_t>(head.frame_bytes, bytes);
  PutNumber<uint32_t>(head.crc, bytes);
  return bytes;
}

Result<BlockHead> DecodeBlockHead(std::span<const std::byte> stored) {
  ByteReader reader(stored);
  BlockHead head;
  head.rows = reader.Take<uint32_t>();
  head.payload_bytes = reader.Take<uint32_t>();
  head.frame_bytes = reader.Take<uint32_t>();
  head.crc = reader.Take<uint32_t>();
  if (!reader.ok()) return Failure("shorter than its head");
  const uint32_t crc =
      Crc32c(Crc32c(0, stored.first(kBlockHeadBytes - 4)), stored.subspan(kBlockHeadBytes));
  if (crc != head.crc) return Failure("checksum differs");
  if (head.rows == 0 || head.rows > kBlockRowsMax) return Failure(Format("%u rows", head.rows));
  if (head.payload_bytes > kPayloadBytesMax) {
    return Failure(
        Format("payload of %u bytes, the most is %u", head.payload_bytes, kPayloadBytesMax));
  }
  if (head.frame_bytes != reader.left()) return Failure("frame size differs from the stored size");
  return head;
}

ByteVector EncodeFooter(const std::vector<BlockEntry>& index, uint64_t index_offset) {
  ByteVector bytes;
  uint64_t rows = 0;
  for (const BlockEntry& entry : index) {
    PutNumber<uint64_t>(entry.offset, bytes);
    PutNumber<uint64_t>(entry.first_row, bytes);
    PutNumber<uint32_t>(entry.stored_bytes, bytes);
    PutNumber<uint32_t>(entry.rows, bytes);
    PutNumber<uint32_t>(entry.crc, bytes);
    rows += entry.rows;
  }
  PutNumber<uint64_t>(index_offset, bytes);
  PutNumber<uint64_t>(rows, bytes);
  PutNumber<uint32_t>(static_cast<uint32_t>(index.size()), bytes);
  PutNumber<uint32_t>(kVersion, bytes);
  PutNumber<uint32_t>(Crc32c(0, bytes), bytes);
  PutBytes(AsBytes({kTailMagic, kMagicBytes}), bytes);
  return bytes;
}

Result<Tail> DecodeTail(std::span<const std::byte> bytes, uint64_t file_bytes) {
  ByteReader reader(bytes);
  Tail tail;
  tail.index_offset = reader.Take<uint64_t>();
  tail.rows = reader.Take<uint64_t>();
  tail.blocks = reader.Take<uint32_t>();
  const uint32_t version = reader.Take<uint32_t>();
  tail.crc = reader.Take<uint32_t>();
  const bool magic = HasMagic(reader.TakeBytes(kMagicBytes), kTailMagic);
  if (!reader.ok() || !magic) return Failure("cut off: the tail is missing");
  PRIMACY_TRY(CheckVersion(version));
  const uint64_t footer_bytes = uint64_t{tail.blocks} * kIndexEntryBytes + kTailBytes;
  if (footer_bytes > file_bytes || tail.index_offset != file_bytes - footer_bytes) {
    return Failure(Format("tail: an index of %u blocks does not end the file", tail.blocks));
  }
  return tail;
}

Result<std::vector<BlockEntry>> DecodeIndex(std::span<const std::byte> footer, const Tail& tail,
                                            uint64_t first_offset) {
  const size_t checked = footer.size() - kMagicBytes - 4;
  if (Crc32c(0, footer.first(checked)) != tail.crc) return Failure("index: checksum differs");
  ByteReader reader(footer);
  std::vector<BlockEntry> index(tail.blocks);
  uint64_t offset = first_offset;
  uint64_t rows = 0;
  for (uint32_t b = 0; b < tail.blocks; ++b) {
    BlockEntry& entry = index[b];
    entry.offset = reader.Take<uint64_t>();
    entry.first_row = reader.Take<uint64_t>();
    entry.stored_bytes = reader.Take<uint32_t>();
    entry.rows = reader.Take<uint32_t>();
    entry.crc = reader.Take<uint32_t>();
    const Status fits = CheckEntry(entry, offset, rows, tail.index_offset);
    if (!fits.ok()) return Error(Format("index: block %u", b), fits.error());
    offset += entry.stored_bytes;
    rows += entry.rows;
  }
  if (!reader.ok() || offset != tail.index_offset)
    return Failure("index: bytes that belong to no block");
  if (rows != tail.rows) return Failure("index: the blocks' rows differ from the total");
  return index;
}

}  // namespace primacy::clicklog
