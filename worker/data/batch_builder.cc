#include "worker/data/batch_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/base/vectorize.h"
#include "common/protocol/sharding.h"

namespace primacy {
namespace {

PRIMACY_VECTORIZED void MixKeys(uint64_t group_hash, uint64_t* keys, size_t count) {
  for (size_t i = 0; i < count; ++i) keys[i] = TableKey(group_hash, keys[i]);
}

// The ids of the rows, or nothing when the log has no such column.
void GatherIds(std::span<const RowAt> rows, std::vector<uint64_t> LogBlock::*column,
               std::vector<uint64_t>& ids) {
  ids.clear();
  if (rows.empty() || (rows[0].block->*column).empty()) return;
  ids.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) ids[i] = (rows[i].block->*column)[rows[i].row];
}

}  // namespace

BatchBuilder::BatchBuilder(InputSpec input, int servers)
    : input_(std::move(input)), servers_(servers), unique_(input_.table_dims.size()) {}

void BatchBuilder::Build(Step step, uint64_t first_sequence, std::span<const RowAt> rows,
                         Batch& batch) {
  batch.step = step;
  batch.rows = rows.size();
  batch.values = 0;
  batch.bad_records = 0;
  batch.tables.resize(input_.table_dims.size());
  batch.slots.resize(input_.slots.size());
  for (UniqueKeys& unique : unique_) unique.Start();
  for (size_t s = 0; s < input_.slots.size(); ++s) {
    GatherSlot(input_.slots[s], rows, batch.slots[s]);
    batch.values += batch.slots[s].positions.size();
  }
  SplitTables(batch);
  GatherDense(rows, batch);
  GatherLabels(rows, batch);
  GatherIds(rows, &LogBlock::group_ids, batch.group_ids);
  GatherIds(rows, &LogBlock::row_ids, batch.row_ids);
  batch.row_sequence.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) batch.row_sequence[i] = first_sequence + i;
}

void BatchBuilder::GatherSlot(const InputSlot& input, std::span<const RowAt> rows,
                              BatchSlot& slot) {
  slot.table = input.table;
  slot.offsets.clear();
  if (input.multi_valued) {
    GatherValueLists(input, rows, slot.offsets);
  } else {
    GatherKeys(input, rows);
  }
  MixKeys(input.group_hash, keys_.data(), keys_.size());
  slot.positions.resize(keys_.size());
  unique_[input.table].Insert(keys_, slot.positions);
}

void BatchBuilder::GatherKeys(const InputSlot& input, std::span<const RowAt> rows) {
  keys_.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    keys_[i] = rows[i].block->slots[input.column].keys[rows[i].row];
  }
}

void BatchBuilder::GatherValueLists(const InputSlot& input, std::span<const RowAt> rows,
                                    std::vector<uint32_t>& offsets) {
  offsets.resize(rows.size() + 1);
  offsets[0] = 0;
  uint64_t values = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t* at = rows[i].block->slots[input.column].offsets.data() + rows[i].row;
    values += at[1] - at[0];
    CHECK_LE(values, std::numeric_limits<uint32_t>::max());
    offsets[i + 1] = static_cast<uint32_t>(values);
  }
  keys_.resize(values);
  for (size_t i = 0; i < rows.size(); ++i) {
    const SlotColumn& column = rows[i].block->slots[input.column];
    std::copy_n(column.keys.data() + column.offsets[rows[i].row], offsets[i + 1] - offsets[i],
                keys_.data() + offsets[i]);
  }
}

void BatchBuilder::SplitTables(Batch& batch) {
  for (size_t t = 0; t < unique_.size(); ++t) {
    const std::span<const uint32_t> place = unique_[t].SplitByServer(servers_, batch.tables[t]);
    if (place.empty()) continue;
    for (BatchSlot& slot : batch.slots) {
      if (slot.table != static_cast<int>(t)) continue;
      for (uint32_t& position : slot.positions) position = place[position];
    }
  }
}

void BatchBuilder::GatherDense(std::span<const RowAt> rows, Batch& batch) {
  const size_t features = input_.dense_columns.size();
  batch.dense.resize(rows.size() * features);
  unusable_.assign(rows.size(), 0);
  for (size_t f = 0; f < features; ++f) {
    const int column = input_.dense_columns[f];
    for (size_t i = 0; i < rows.size(); ++i) {
      const float value = rows[i].block->dense[column][rows[i].row];
      const bool finite = std::isfinite(value);
      batch.dense[i * features + f] = finite ? value : 0.0f;
      if (!finite) unusable_[i] = 1;
    }
  }
}

void BatchBuilder::GatherLabels(std::span<const RowAt> rows, Batch& batch) {
  const size_t tasks = input_.tasks.size();
  batch.labels.assign(rows.size() * tasks, 0.0f);
  batch.weights.assign(rows.size() * tasks, 0.0f);
  for (size_t i = 0; i < rows.size(); ++i) {
    const LogBlock& block = *rows[i].block;
    const size_t row = rows[i].row;
    const size_t columns = block.labels.size() / block.rows;
    const float row_weight = block.weights.empty() ? 1.0f : block.weights[row];
    bool bad = unusable_[i] != 0 || !std::isfinite(row_weight) || row_weight < 0;
    for (size_t t = 0; t < tasks && !bad; ++t) {
      const size_t at = row * columns + input_.tasks[t].label_column;
      if (block.masks[at] == 0) continue;
      batch.labels[i * tasks + t] = block.labels[at];
      batch.weights[i * tasks + t] = row_weight;
    }
    for (size_t t = 0; t < tasks; ++t) {
      float& label = batch.labels[i * tasks + t];
      if (input_.tasks[t].Suits(label)) continue;
      label = 0.0f;
      batch.weights[i * tasks + t] = 0.0f;
      bad = true;
    }
    batch.bad_records += bad ? 1 : 0;
  }
}

}  // namespace primacy
