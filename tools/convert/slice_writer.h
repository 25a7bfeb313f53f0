// Writes the rows of one slice into its part files, block by block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "common/clicklog/writer.h"
#include "tools/convert/row_codec.h"
#include "tools/convert/row_store.h"

namespace primacy {

struct SliceOptions {
  std::string folder;
  int parts = 1;
  uint32_t rows_per_block = 4096;
  // Rows that will come. With it, the parts follow one another and are of equal size; without,
  // blocks are dealt to them in turn.
  std::optional<uint64_t> rows;
};

// Parts and blocks end where the group changes, unless a group is several times a block. Not thread
// safe.
class SliceWriter {
 public:
  // Creates the folder with the first row; a slice without rows leaves nothing.
  SliceWriter(const LogSchema& schema, const RowCodec& codec, SliceOptions options);

  Status Add(const SequencedRow& row);
  Status Finish();
  uint64_t rows() const { return rows_; }
  // Of the finished part files.
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  // Whether the block should end before a row of `group`.
  bool BlockEnds(uint64_t group) const;
  bool PartEnds(uint64_t group) const;
  Status WriteBlock();
  Status FinishPart(size_t part);

  const LogSchema& schema_;
  const RowCodec& codec_;
  const SliceOptions options_;
  std::vector<std::unique_ptr<LogPartWriter>> parts_;
  size_t part_ = 0;
  LogBlock block_;
  size_t block_bytes_ = 0;
  uint64_t last_group_ = 0;
  uint64_t rows_ = 0;
  uint64_t file_bytes_ = 0;
};

}  // namespace primacy
