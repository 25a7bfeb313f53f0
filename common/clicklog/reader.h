// Reads click logs: any block of any part, verified. The byte format is docs/formats/clicklog.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/block.h"

namespace primacy {

// One part file. Thread safe: ReadBlock uses positional reads and no shared state.
class LogPartReader {
 public:
  // Reads and verifies header and footer. Errors name the file and what is wrong with it.
  static Result<std::unique_ptr<LogPartReader>> Open(const std::string& path);
  virtual ~LogPartReader() = default;

  virtual const std::string& path() const = 0;
  virtual const LogSchema& schema() const = 0;
  virtual uint32_t block_count() const = 0;
  virtual uint32_t block_rows(uint32_t block) const = 0;
  virtual uint64_t rows() const = 0;
  virtual uint64_t file_bytes() const = 0;
  // Reads, verifies (CRC, sizes) and decodes a block. Errors name the file and the block.
  virtual Result<LogBlock> ReadBlock(uint32_t block) const = 0;
};

// All parts of a directory in the order of their names, as one sequence of blocks. Thread safe.
class LogDirectory {
 public:
  // All parts must have the same schema, and their numbers must count up from 0. A directory
  // without a part, or with a gap, is a usage error.
  static Result<std::unique_ptr<LogDirectory>> Open(const std::string& path);

  const LogSchema& schema() const { return parts_.front()->schema(); }
  uint32_t block_count() const { return static_cast<uint32_t>(blocks_.size()); }
  uint32_t block_rows(uint32_t block) const { return blocks_[block].rows; }
  uint64_t rows() const { return rows_; }
  uint64_t file_bytes() const;
  Result<LogBlock> ReadBlock(uint32_t block) const;
  const std::vector<std::unique_ptr<LogPartReader>>& parts() const { return parts_; }

 private:
  struct BlockAt {
    uint32_t part;
    uint32_t block;
    uint32_t rows;
  };
  std::vector<std::unique_ptr<LogPartReader>> parts_;
  std::vector<BlockAt> blocks_;
  uint64_t rows_ = 0;
};

}  // namespace primacy
