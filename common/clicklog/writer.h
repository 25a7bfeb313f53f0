// Writes click logs: one part, or a directory of parts. The byte format is
// docs/formats/clicklog.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "common/clicklog/block_packer.h"

namespace primacy {

struct LogWriterOptions {
  uint32_t rows_per_block = 4096;
  int zstd_level = 1;
};

// One part file. It appears under its name only after Finish; destroyed before, nothing is left.
// Not thread safe.
class LogPartWriter {
 public:
  static Result<std::unique_ptr<LogPartWriter>> Create(const std::string& path,
                                                       const LogSchema& schema,
                                                       const LogWriterOptions& options);
  virtual ~LogPartWriter() = default;

  // A whole block at once; it must match the schema and not be empty.
  virtual Status AppendBlock(const LogBlock& block) = 0;
  // A block packed elsewhere, with this part's schema.
  virtual Status AppendPacked(const PackedBlock& block) = 0;
  // Buffers rows into blocks of rows_per_block.
  virtual Status AppendRow(const LogRow& row) = 0;
  // Writes what is buffered, the footer, and publishes the file.
  virtual Status Finish() = 0;

  virtual uint64_t rows() const = 0;
};

// "part-00007.clog".
std::string PartName(int part);

}  // namespace primacy
