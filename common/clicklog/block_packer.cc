#include "common/clicklog/block_packer.h"

#include <zstd.h>

#include "common/base/strings.h"
#include "common/clicklog/block_codec.h"
#include "common/clicklog/format.h"

namespace primacy {

struct BlockPacker::Context {
  ZSTD_CCtx* const zstd = ZSTD_createCCtx();
  ByteVector frame;  // room for the largest frame so far

  ~Context() { ZSTD_freeCCtx(zstd); }
};

BlockPacker::BlockPacker(int zstd_level)
    : zstd_level_(zstd_level), context_(std::make_unique<Context>()) {
  CHECK(context_->zstd != nullptr);
}

BlockPacker::~BlockPacker() = default;
BlockPacker::BlockPacker(BlockPacker&&) noexcept = default;

Result<PackedBlock> BlockPacker::Pack(const LogSchema& schema, const LogBlock& block) {
  if (block.rows == 0) return Failure("no rows");
  if (block.rows > clicklog::kBlockRowsMax || block.bytes() > clicklog::kBlockMemoryMax / 2) {
    return Failure(Format("%u rows of together %zu bytes are too large for one block", block.rows,
                          block.bytes()));
  }
  PRIMACY_TRY(CheckBlock(schema, block));
  const ByteVector payload = clicklog::EncodeBlock(schema, block);
  ByteVector& frame = context_->frame;
  const size_t bound = ZSTD_compressBound(payload.size());
  if (frame.size() < bound) frame.resize(bound);
  const size_t size = ZSTD_compressCCtx(context_->zstd, frame.data(), frame.size(), payload.data(),
                                        payload.size(), zstd_level_);
  if (ZSTD_isError(size)) return Failure(Format("zstd: %s", ZSTD_getErrorName(size)));
  if (payload.size() > clicklog::kPayloadBytesMax || size > clicklog::kFrameBytesMax) {
    return Failure(Format("payload of %zu bytes is too large for one block", payload.size()));
  }
  const std::span<const std::byte> compressed = std::span(frame).first(size);
  const clicklog::BlockHead head =
      clicklog::MakeBlockHead(block.rows, static_cast<uint32_t>(payload.size()), compressed);
  PackedBlock packed{block.rows, head.crc, clicklog::EncodeBlockHead(head)};
  PutBytes(compressed, packed.stored);
  return packed;
}

}  // namespace primacy
