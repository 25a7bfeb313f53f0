#include <string>
#include <vector>

#include "common/base/strings.h"
#include "common/clicklog/block_codec.h"
#include "common/clicklog/column_codec.h"
#include "common/clicklog/format.h"

namespace primacy::clicklog {
namespace {

class Decoder {
 public:
  Decoder(uint32_t rows, std::span<const std::byte> payload)
      : rows_(rows), reader_(payload), columns_left_(reader_.Take<uint32_t>()) {}

  // The next column, which must be (kind, index). `values`: its length, or nothing when the column
  // says so itself.
  template <typename T>
  Result<std::vector<T>> Take(ColumnKind kind, size_t index, size_t values) {
    Result<std::vector<T>> column = TakeUnnamed<T>(kind, index, values);
    if (column.ok()) return column;
    return Error(Format("column %zu of kind %d", index, static_cast<int>(kind)), column.error());
  }

  template <typename T>
  Result<std::vector<T>> TakeRows(ColumnKind kind, size_t index) {
    return Take<T>(kind, index, rows_);
  }

  // Column `index` into a matrix [rows, columns].
  template <typename T>
  Status TakeInto(ColumnKind kind, size_t index, size_t columns, std::vector<T>& matrix) {
    PRIMACY_ASSIGN(const std::vector<T> column, TakeRows<T>(kind, index));
    for (size_t r = 0; r < column.size(); ++r) matrix[r * columns + index] = column[r];
    return Ok();
  }

  // Counts memory about to be allocated.
  Status Reserve(uint64_t bytes) {
    memory_ += bytes;
    if (memory_ > kBlockMemoryMax) {
      return Failure(Format("columns of more than %llu bytes",
                            static_cast<unsigned long long>(kBlockMemoryMax)));
    }
    return Ok();
  }

  Status Finish() const {
    if (columns_left_ == 0 && reader_.left() == 0 && reader_.ok()) return Ok();
    return Failure("columns that the schema does not have");
  }

 private:
  template <typename T>
  Result<std::vector<T>> TakeUnnamed(ColumnKind kind, size_t index, size_t values) {
    const uint8_t stored_kind = reader_.Take<uint8_t>();
    const Encoding encoding{reader_.Take<uint8_t>()};
    const uint16_t stored_index = reader_.Take<uint16_t>();
    const uint32_t stored_values = reader_.Take<uint32_t>();
    const std::span<const std::byte> data = reader_.TakeBytes(reader_.Take<uint32_t>());
    if (columns_left_ == 0 || !reader_.ok()) return Failure("cut off");
    --columns_left_;
    if (stored_kind != static_cast<uint8_t>(kind) || stored_index != index) {
      return Failure(Format("found column %u of kind %u in its place", stored_index, stored_kind));
    }
    if (stored_values != values) {
      return Failure(Format("%u values, the rows need %zu", stored_values, values));
    }
    return DecodeColumn<T>(encoding, data, values);
  }

  const uint32_t rows_;
  ByteReader reader_;
  uint32_t columns_left_;
  uint64_t memory_ = 0;
};

// Memory of all columns for one row, but for the keys of multi-valued slots.
uint64_t FixedRowBytes(const LogSchema& schema) {
  uint64_t bytes = uint64_t{4} * schema.dense_size() + uint64_t{5} * schema.label_size();
  for (const LogSchema::Slot& slot : schema.slot()) bytes += slot.multi_valued() ? 4 : 8;
  return bytes + (schema.has_weight() ? 4 : 0) + (schema.has_group_id() ? 8 : 0) +
         (schema.has_row_id() ? 8 : 0) + (schema.has_timestamp() ? 8 : 0);
}

// Offsets [rows + 1] of lengths [rows]; refuses a total of more keys than a block may hold.
Result<std::vector<uint32_t>> Offsets(const std::vector<uint32_t>& lengths) {
  std::vector<uint32_t> offsets(lengths.size() + 1, 0);
  uint64_t total = 0;
  for (size_t r = 0; r < lengths.size(); ++r) {
    total += lengths[r];
    if (total * sizeof(uint64_t) > kBlockMemoryMax)
      return Failure("absurd number of keys in a row");
    offsets[r + 1] = static_cast<uint32_t>(total);
  }
  return offsets;
}

Result<SlotColumn> TakeSlot(Decoder& decoder, size_t s, bool multi_valued, uint32_t rows) {
  SlotColumn slot;
  size_t values = rows;
  if (multi_valued) {
    PRIMACY_ASSIGN(const std::vector<uint32_t> lengths,
                   decoder.TakeRows<uint32_t>(ColumnKind::kSlotLengths, s));
    PRIMACY_ASSIGN(slot.offsets, Offsets(lengths));
    values = slot.offsets.back();
    PRIMACY_TRY(decoder.Reserve(values * sizeof(uint64_t)));
  }
  PRIMACY_ASSIGN(slot.keys, decoder.Take<uint64_t>(ColumnKind::kSlotKeys, s, values));
  return slot;
}

Status TakeLabels(Decoder& decoder, size_t labels, LogBlock& block) {
  const uint64_t cells = uint64_t{block.rows} * labels;
  block.labels.resize(cells);
  block.masks.resize(cells);
  for (size_t l = 0; l < labels; ++l) {
    PRIMACY_TRY(decoder.TakeInto(ColumnKind::kLabel, l, labels, block.labels));
    PRIMACY_TRY(decoder.TakeInto(ColumnKind::kMask, l, labels, block.masks));
  }
  for (const uint8_t mask : block.masks) {
    if (mask > 1) return Failure("a mask is neither 0 nor 1");
  }
  return Ok();
}

}  // namespace

Result<LogBlock> DecodeBlock(const LogSchema& schema, uint32_t rows,
                             std::span<const std::byte> payload) {
  Decoder decoder(rows, payload);
  PRIMACY_TRY(decoder.Reserve(rows * FixedRowBytes(schema)));
  LogBlock block;
  block.rows = rows;
  block.slots.reserve(schema.slot_size());
  for (int s = 0; s < schema.slot_size(); ++s) {
    PRIMACY_ASSIGN(SlotColumn slot, TakeSlot(decoder, s, schema.slot(s).multi_valued(), rows));
    block.slots.push_back(std::move(slot));
  }
  block.dense.resize(schema.dense_size());
  for (size_t d = 0; d < block.dense.size(); ++d) {
    PRIMACY_ASSIGN(block.dense[d], decoder.TakeRows<float>(ColumnKind::kDense, d));
  }
  PRIMACY_TRY(TakeLabels(decoder, schema.label_size(), block));
  if (schema.has_weight()) {
    PRIMACY_ASSIGN(block.weights, decoder.TakeRows<float>(ColumnKind::kWeight, 0));
  }
  if (schema.has_group_id()) {
    PRIMACY_ASSIGN(block.group_ids, decoder.TakeRows<uint64_t>(ColumnKind::kGroupId, 0));
  }
  if (schema.has_row_id()) {
    PRIMACY_ASSIGN(block.row_ids, decoder.TakeRows<uint64_t>(ColumnKind::kRowId, 0));
  }
  if (schema.has_timestamp()) {
    PRIMACY_ASSIGN(block.timestamps, decoder.TakeRows<int64_t>(ColumnKind::kTimestamp, 0));
  }
  PRIMACY_TRY(decoder.Finish());
  return block;
}

}  // namespace primacy::clicklog
