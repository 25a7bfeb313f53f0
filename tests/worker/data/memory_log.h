// A log of blocks in memory, which counts what is read and can be told to fail.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/hash.h"
#include "common/base/result.h"
#include "common/base/strings.h"
#include "worker/data/block_source.h"
#include "worker/data/input_spec.h"

namespace primacy::testing_support {

class MemoryLog final : public BlockSource {
 public:
  explicit MemoryLog(std::vector<LogBlock> blocks) : blocks_(std::move(blocks)) {}

  uint32_t block_count() const override { return static_cast<uint32_t>(blocks_.size()); }
  uint32_t block_rows(uint32_t block) const override { return blocks_[block].rows; }
  Result<LogBlock> ReadBlock(uint32_t block) const override {
    ++reads_;
    if (broken_ == static_cast<int>(block)) {
      return Failure(Format("part-00000.clog: block %u: checksum differs", block));
    }
    LogBlock copy = blocks_[block];
    copy.rows += extra_rows_;
    return copy;
  }

  const LogBlock& block(uint32_t block) const { return blocks_[block]; }
  int reads() const { return reads_; }
  void Break(int block) { broken_ = block; }
  void AnnounceTooFewRows() { extra_rows_ = 1; }

 private:
  const std::vector<LogBlock> blocks_;
  mutable std::atomic<int> reads_ = 0;
  std::atomic<int> broken_ = -1;
  std::atomic<uint32_t> extra_rows_ = 0;
};

// Blocks with one slot, one label and row ids, where row r of block b has key, label and id from
// the global row number n: key 1000 + n, label n mod 2, id n.
inline std::vector<LogBlock> NumberedBlocks(const std::vector<uint32_t>& block_rows) {
  std::vector<LogBlock> blocks;
  uint64_t n = 0;
  for (const uint32_t rows : block_rows) {
    LogBlock block;
    block.rows = rows;
    block.slots.resize(1);
    for (uint32_t row = 0; row < rows; ++row, ++n) {
      block.slots[0].keys.push_back(1000 + n);
      block.labels.push_back(static_cast<float>(n % 2));
      block.masks.push_back(1);
      block.row_ids.push_back(n);
    }
    blocks.push_back(std::move(block));
  }
  return blocks;
}

// What a job takes of such blocks: the slot "item" into a table of 8 floats, the task "click".
inline InputSpec NumberedInput() {
  InputSpec input;
  input.slots = {{"item", "item", HashBytes("item"), 0, false, 0}};
  input.tasks = {{"click", 0, TaskConfig::LOGISTIC, 0, 0}};
  input.table_dims = {8};
  return input;
}

}  // namespace primacy::testing_support
