// Rows of a click log in memory, column by column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/clicklog/schema.pb.h"

namespace primacy {

// One categorical column of a block.
struct SlotColumn {
  // [rows + 1] for multi-valued slots: row r has keys [offsets[r], offsets[r + 1]). Empty for
  // single-valued ones: row r has keys[r].
  std::vector<uint32_t> offsets;
  std::vector<uint64_t> keys;  // raw hashed values, not yet mixed with their embedding group
};

// Columns in the order of the schema. Optional columns that the schema does not have are empty
// vectors.
struct LogBlock {
  uint32_t rows = 0;
  std::vector<SlotColumn> slots;
  std::vector<std::vector<float>> dense;  // [dense feature][rows]
  std::vector<float> labels;              // [rows, label]
  std::vector<uint8_t> masks;             // [rows, label], 1 where the row has the label
  std::vector<float> weights;             // [rows]
  std::vector<uint64_t> group_ids;        // [rows], the query or user of the row
  std::vector<uint64_t> row_ids;          // [rows]
  std::vector<int64_t> timestamps;        // [rows], as the source counts them

  // Memory of the columns, for caches.
  size_t bytes() const;
};

// One row, for writers that see rows one at a time (converter, generator).
struct LogRow {
  std::vector<std::vector<uint64_t>>
      slots;                   // [slot][values]; exactly one value for single-valued slots
  std::vector<float> dense;    // [dense feature]
  std::vector<float> labels;   // [label]
  std::vector<uint8_t> masks;  // [label]
  float weight = 1;
  uint64_t group_id = 0;
  uint64_t row_id = 0;
  int64_t timestamp = 0;
};

// An empty block with the columns of `schema`.
LogBlock MakeBlock(const LogSchema& schema);
// Appends `row`, which must have the columns of `schema`.
void AppendRow(const LogSchema& schema, const LogRow& row, LogBlock& block);
// Whether the block has exactly the columns of `schema`, each of the right length, offsets that
// rise and masks of 0 or 1.
Status CheckBlock(const LogSchema& schema, const LogBlock& block);

}  // namespace primacy
