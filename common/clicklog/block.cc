#include "common/clicklog/block.h"

#include "common/base/strings.h"

namespace primacy {
namespace {

template <typename T>
size_t BytesOf(const std::vector<T>& column) {
  return column.capacity() * sizeof(T);
}

Error Mismatch(const std::string& column, size_t has, size_t wants) {
  return Failure(Format("block does not match its schema: %s has %zu values, not %zu",
                        column.c_str(), has, wants));
}

Status CheckOffsets(const std::string& name, const SlotColumn& column, size_t rows) {
  if (column.offsets.size() != rows + 1) {
    return Mismatch("offsets of slot '" + name + "'", column.offsets.size(), rows + 1);
  }
  bool rising = column.offsets.front() == 0;
  for (size_t r = 0; r < rows; ++r) rising &= column.offsets[r] <= column.offsets[r + 1];
  if (!rising) return Failure("block: offsets of slot '" + name + "' do not rise from 0");
  if (column.keys.size() != column.offsets.back()) {
    return Mismatch("slot '" + name + "'", column.keys.size(), column.offsets.back());
  }
  return Ok();
}

Status CheckSlots(const LogSchema& schema, const LogBlock& block) {
  if (block.slots.size() != static_cast<size_t>(schema.slot_size())) {
    return Mismatch("the list of slots", block.slots.size(), schema.slot_size());
  }
  for (int s = 0; s < schema.slot_size(); ++s) {
    const SlotColumn& column = block.slots[s];
    const std::string& name = schema.slot(s).name();
    if (schema.slot(s).multi_valued()) {
      PRIMACY_TRY(CheckOffsets(name, column, block.rows));
      continue;
    }
    if (!column.offsets.empty())
      return Mismatch("offsets of slot '" + name + "'", column.offsets.size(), 0);
    if (column.keys.size() != block.rows) {
      return Mismatch("slot '" + name + "'", column.keys.size(), block.rows);
    }
  }
  return Ok();
}

template <typename T>
Status CheckOptional(const char* name, const std::vector<T>& column, bool there, size_t rows) {
  const size_t wants = there ? rows : 0;
  if (column.size() != wants) return Mismatch(name, column.size(), wants);
  return Ok();
}

}  // namespace

size_t LogBlock::bytes() const {
  size_t total = sizeof(*this) + BytesOf(slots) + BytesOf(dense) + BytesOf(labels) +
                 BytesOf(masks) + BytesOf(weights) + BytesOf(group_ids) + BytesOf(row_ids) +
                 BytesOf(timestamps);
  for (const SlotColumn& slot : slots) total += BytesOf(slot.offsets) + BytesOf(slot.keys);
  for (const std::vector<float>& column : dense) total += BytesOf(column);
  return total;
}

LogBlock MakeBlock(const LogSchema& schema) {
  LogBlock block;
  block.slots.resize(schema.slot_size());
  for (int s = 0; s < schema.slot_size(); ++s) {
    if (schema.slot(s).multi_valued()) block.slots[s].offsets.push_back(0);
  }
  block.dense.resize(schema.dense_size());
  return block;
}

void AppendRow(const LogSchema& schema, const LogRow& row, LogBlock& block) {
  CHECK_EQ(row.slots.size(), static_cast<size_t>(schema.slot_size()));
  CHECK_EQ(row.dense.size(), static_cast<size_t>(schema.dense_size()));
  CHECK_EQ(row.labels.size(), static_cast<size_t>(schema.label_size()));
  CHECK_EQ(row.masks.size(), static_cast<size_t>(schema.label_size()));
  for (int s = 0; s < schema.slot_size(); ++s) {
    SlotColumn& column = block.slots[s];
    const std::vector<uint64_t>& values = row.slots[s];
    column.keys.insert(column.keys.end(), values.begin(), values.end());
    if (schema.slot(s).multi_valued()) {
      column.offsets.push_back(static_cast<uint32_t>(column.keys.size()));
    } else {
      CHECK_EQ(values.size(), 1u) << "slot '" << schema.slot(s).name() << "' is single-valued";
    }
  }
  for (size_t d = 0; d < row.dense.size(); ++d) block.dense[d].push_back(row.dense[d]);
  block.labels.insert(block.labels.end(), row.labels.begin(), row.labels.end());
  block.masks.insert(block.masks.end(), row.masks.begin(), row.masks.end());
  if (schema.has_weight()) block.weights.push_back(row.weight);
  if (schema.has_group_id()) block.group_ids.push_back(row.group_id);
  if (schema.has_row_id()) block.row_ids.push_back(row.row_id);
  if (schema.has_timestamp()) block.timestamps.push_back(row.timestamp);
  ++block.rows;
}

Status CheckBlock(const LogSchema& schema, const LogBlock& block) {
  const size_t rows = block.rows;
  PRIMACY_TRY(CheckSlots(schema, block));
  if (block.dense.size() != static_cast<size_t>(schema.dense_size())) {
    return Mismatch("the list of dense features", block.dense.size(), schema.dense_size());
  }
  for (int d = 0; d < schema.dense_size(); ++d) {
    if (block.dense[d].size() != rows) {
      return Mismatch("dense '" + schema.dense(d).name() + "'", block.dense[d].size(), rows);
    }
  }
  const size_t labels = static_cast<size_t>(schema.label_size());
  if (block.labels.size() != rows * labels)
    return Mismatch("labels", block.labels.size(), rows * labels);
  if (block.masks.size() != rows * labels)
    return Mismatch("masks", block.masks.size(), rows * labels);
  for (const uint8_t mask : block.masks) {
    if (mask > 1) return Failure("block: a mask is neither 0 nor 1");
  }
  PRIMACY_TRY(CheckOptional("weight", block.weights, schema.has_weight(), rows));
  PRIMACY_TRY(CheckOptional("group id", block.group_ids, schema.has_group_id(), rows));
  PRIMACY_TRY(CheckOptional("row id", block.row_ids, schema.has_row_id(), rows));
  return CheckOptional("timestamp", block.timestamps, schema.has_timestamp(), rows);
}

}  // namespace primacy
