// A batch as the model sees it: columns of this worker's rows, every key replaced by its position
// among the unique keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/protocol/ids.h"

namespace primacy {

// The unique keys of a batch in one table (row layout), those of one server after those of the one
// before; a server's in order of first appearance (slot by slot, row by row), so that the order
// within a virtual shard does not depend on the number of servers, and rows are laid out nearly as
// they are read.
struct BatchTable {
  std::vector<Key> keys;             // [unique]
  std::vector<size_t> server_begin;  // [servers + 1] where each server's keys begin; the end
};

// One slot's values of the batch.
struct BatchSlot {
  int table = 0;                  // row layout its keys live in
  std::vector<uint32_t> offsets;  // [rows + 1] for multi-valued slots, empty for single-valued ones
  std::vector<uint32_t> positions;  // [values] index into tables[table].keys
};

struct Batch {
  Step step = 0;
  size_t rows = 0;
  std::vector<BatchTable> tables;  // in the order of ParameterSpec.table
  std::vector<BatchSlot> slots;    // the model's slots, in the order of the model's InputSpec
  std::vector<float> dense;        // [rows, dense feature]
  std::vector<float> labels;       // [rows, task]
  std::vector<float> weights;      // [rows, task]: row weight × mask; 0 where the label is missing
  std::vector<uint64_t> group_ids;  // [rows] or empty
  std::vector<uint64_t> row_ids;    // [rows] or empty
  // Position of each row in the stage's sequence of rows, for counter-based dropout: independent of
  // slices and timing.
  std::vector<uint64_t> row_sequence;  // [rows]
  uint64_t values = 0;                 // looked-up values before removing repeats
  // Rows with a label, weight or dense feature that cannot be used. Where it is a label, the row
  // does not count for that task; else it counts for none.
  uint64_t bad_records = 0;
};

}  // namespace primacy
