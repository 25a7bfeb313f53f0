// Where blocks of rows come from: a log on disk, or blocks in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/reader.h"

namespace primacy {

// A fixed sequence of blocks, none of them empty. Thread safe.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  virtual uint32_t block_count() const = 0;
  virtual uint32_t block_rows(uint32_t block) const = 0;
  // A verified block with block_rows(block) rows. Errors name the file and the block.
  virtual Result<LogBlock> ReadBlock(uint32_t block) const = 0;
};

// The blocks of all parts of a log.
std::shared_ptr<const BlockSource> MakeLogSource(std::shared_ptr<const LogDirectory> log);

// Rows of every block, in order.
std::vector<uint32_t> BlockRows(const BlockSource& source);

}  // namespace primacy
