// A row of a log as a run of bytes, for rows that wait in memory or in a temporary file until they
// are written.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/block.h"
#include "common/clicklog/schema.pb.h"

namespace primacy {

// Immutable. The bytes are for this process only: native order, no version.
class RowCodec {
 public:
  explicit RowCodec(const LogSchema& schema);

  // Appends to `bytes`. REQUIRES: the row has the columns of the schema.
  void Encode(const LogRow& row, std::vector<std::byte>& bytes) const;
  // Appends the row to `block`, made with the schema. Failure: the bytes are not those of a row.
  Status Append(std::span<const std::byte> bytes, LogBlock& block) const;
  // The group of the row; 0 without groups.
  uint64_t GroupId(std::span<const std::byte> bytes) const;

 private:
  std::vector<char> multi_valued_;  // [slot]
  size_t dense_;
  size_t labels_;
  bool has_weight_;
  bool has_group_id_;
  bool has_row_id_;
  bool has_timestamp_;
  size_t fixed_bytes_;  // all but the keys
};

}  // namespace primacy
