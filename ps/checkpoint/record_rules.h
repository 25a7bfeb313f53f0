// What records a file with given parameters may hold: checked by the writer before the disk, by the
// reader after it.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/ids.h"
#include "common/protocol/messages.pb.h"
#include "ps/checkpoint/shard_format.h"

namespace primacy {

// Immutable, so thread safe.
class RecordRules {
 public:
  // Fails for dimensions or tensors that no job can have.
  static Result<RecordRules> Create(const ParameterSpec& parameters);

  // Blocks with these may exist: the table or tensor is there and the records are long enough for
  // its weights.
  bool AllowsBlock(const shard_format::BlockInfo& info) const;
  // A key belongs to its shard.
  bool AllowsRow(uint32_t shard, Key key) const;
  // A block of a tensor exists, belongs to its shard and has at least its weights.
  bool AllowsDense(uint32_t shard, uint32_t tensor, uint32_t number, uint64_t floats) const;

 private:
  struct Tensor {
    uint64_t name_hash;
    uint64_t size;
  };
  std::vector<uint32_t> dims_;
  std::vector<Tensor> tensors_;
};

// All rows of a table have one size: remembers the first and compares the others.
class RowSizes {
 public:
  bool Same(uint32_t table, uint32_t floats) {
    if (table >= floats_.size()) floats_.resize(table + 1);
    if (floats_[table] == 0) floats_[table] = floats;
    return floats_[table] == floats;
  }

 private:
  std::vector<uint32_t> floats_;  // [table], 0 when none was seen
};

}  // namespace primacy
