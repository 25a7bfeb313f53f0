// How many table rows each virtual shard holds, of all tables together, and how many it may.
#pragma once

#include <cstdint>
#include <vector>

#include "common/protocol/sharding.h"

namespace primacy {

// Not thread safe. Shards passed in belong to the range.
class ShardBudget {
 public:
  // rows_max per shard; 0: no cap.
  ShardBudget(ShardRange shards, int64_t rows_max)
      : shards_(shards), rows_max_(rows_max), rows_(shards.size()) {}

  // Counts a new row, unless its shard is full.
  bool Take(uint32_t shard) {
    int64_t& rows = rows_[shard - shards_.begin];
    if (rows_max_ > 0 && rows >= rows_max_) return false;
    ++rows;
    return true;
  }
  void Return(uint32_t shard) { --rows_[shard - shards_.begin]; }
  int64_t rows_max() const { return rows_max_; }

 private:
  ShardRange shards_;
  int64_t rows_max_;
  std::vector<int64_t> rows_;  // [shard of the range]
};

}  // namespace primacy
