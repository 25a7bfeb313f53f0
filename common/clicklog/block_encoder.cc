#include <vector>

#include "common/clicklog/block_codec.h"
#include "common/clicklog/column_codec.h"

namespace primacy::clicklog {
namespace {

class Encoder {
 public:
  Encoder() { PutNumber<uint32_t>(0, payload_); }

  template <typename T>
  void Put(ColumnKind kind, size_t index, std::span<const T> values, ColumnHint hint) {
    const EncodedColumn column = EncodeColumn<T>(values, hint);
    PutNumber<uint8_t>(static_cast<uint8_t>(kind), payload_);
    PutNumber<uint8_t>(static_cast<uint8_t>(column.encoding), payload_);
    PutNumber<uint16_t>(static_cast<uint16_t>(index), payload_);
    PutNumber<uint32_t>(static_cast<uint32_t>(values.size()), payload_);
    PutNumber<uint32_t>(static_cast<uint32_t>(column.bytes.size()), payload_);
    PutBytes(column.bytes, payload_);
    ++columns_;
  }

  template <typename T>
  void Put(ColumnKind kind, size_t index, const std::vector<T>& values, ColumnHint hint) {
    Put(kind, index, std::span<const T>(values), hint);
  }

  // Column `index` of a matrix [rows, columns].
  template <typename T>
  void PutOf(ColumnKind kind, size_t index, const std::vector<T>& matrix, size_t columns,
             ColumnHint hint) {
    std::vector<T> column(matrix.size() / columns);
    for (size_t r = 0; r < column.size(); ++r) column[r] = matrix[r * columns + index];
    Put(kind, index, column, hint);
  }

  ByteVector Take() {
    std::memcpy(payload_.data(), &columns_, sizeof(columns_));
    return std::move(payload_);
  }

 private:
  ByteVector payload_;
  uint32_t columns_ = 0;
};

std::vector<uint32_t> Lengths(const std::vector<uint32_t>& offsets) {
  std::vector<uint32_t> lengths(offsets.size() - 1);
  for (size_t r = 0; r < lengths.size(); ++r) lengths[r] = offsets[r + 1] - offsets[r];
  return lengths;
}

}  // namespace

ByteVector EncodeBlock(const LogSchema& schema, const LogBlock& block) {
  Encoder encoder;
  for (size_t s = 0; s < block.slots.size(); ++s) {
    const SlotColumn& slot = block.slots[s];
    if (schema.slot(static_cast<int>(s)).multi_valued()) {
      encoder.Put(ColumnKind::kSlotLengths, s, Lengths(slot.offsets), ColumnHint::kNumeric);
    }
    encoder.Put(ColumnKind::kSlotKeys, s, slot.keys, ColumnHint::kRandom);
  }
  for (size_t d = 0; d < block.dense.size(); ++d) {
    encoder.Put(ColumnKind::kDense, d, block.dense[d], ColumnHint::kNumeric);
  }
  const size_t labels = static_cast<size_t>(schema.label_size());
  for (size_t l = 0; l < labels; ++l) {
    encoder.PutOf(ColumnKind::kLabel, l, block.labels, labels, ColumnHint::kNumeric);
    encoder.PutOf(ColumnKind::kMask, l, block.masks, labels, ColumnHint::kNumeric);
  }
  if (schema.has_weight()) encoder.Put(ColumnKind::kWeight, 0, block.weights, ColumnHint::kNumeric);
  if (schema.has_group_id())
    encoder.Put(ColumnKind::kGroupId, 0, block.group_ids, ColumnHint::kRandom);
  if (schema.has_row_id()) encoder.Put(ColumnKind::kRowId, 0, block.row_ids, ColumnHint::kRising);
  if (schema.has_timestamp()) {
    encoder.Put(ColumnKind::kTimestamp, 0, block.timestamps, ColumnHint::kRising);
  }
  return encoder.Take();
}

}  // namespace primacy::clicklog
