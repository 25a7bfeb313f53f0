// A block as it stands in a part file: encoded, compressed and under its checksum.
#pragma once

#include <cstdint>
#include <memory>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "common/clicklog/bytes.h"

namespace primacy {

struct PackedBlock {
  uint32_t rows = 0;
  uint32_t crc = 0;   // of the block's head
  ByteVector stored;  // head and frame
};

// Packing is most of the work of writing a log and needs no file: blocks may be packed by several
// threads, each with a packer of its own, and appended in order. The bytes depend on the block
// alone.
class BlockPacker {
 public:
  // REQUIRES: a level that zstd has.
  explicit BlockPacker(int zstd_level);
  ~BlockPacker();
  BlockPacker(BlockPacker&&) noexcept;
  BlockPacker(const BlockPacker&) = delete;
  BlockPacker& operator=(const BlockPacker&) = delete;

  // Failures: a block without rows, one that does not match the schema, one beyond the limits of
  // the format.
  Result<PackedBlock> Pack(const LogSchema& schema, const LogBlock& block);

 private:
  struct Context;
  const int zstd_level_;
  std::unique_ptr<Context> context_;
};

}  // namespace primacy
