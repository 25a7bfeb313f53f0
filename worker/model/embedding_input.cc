#include "worker/model/embedding_input.h"

#include <algorithm>

#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

// Slots are walked in blocks of rows, so that the block of the matrix that all slots write stays in
// the cache.
constexpr size_t kBlockRows = 64;

}  // namespace

EmbeddingInput::EmbeddingInput(const InputSpec& input, Pooling pooling, Element compute)
    : pooling_(pooling), compute_(compute), dense_features_(input.dense_columns.size()) {
  for (const int dim : input.table_dims) table_dims_.push_back(static_cast<size_t>(dim));
  for (const InputSlot& slot : input.slots) {
    slots_.push_back({slot.table, table_dims_.at(slot.table), embedding_width_});
    embedding_width_ += slots_.back().dim;
  }
}

SlotValues EmbeddingInput::ValuesOf(const Batch& batch, size_t slot) const {
  const BatchSlot& values = batch.slots[slot];
  if (values.offsets.empty()) {
    CHECK_EQ(values.positions.size(), batch.rows);
  } else {
    CHECK_EQ(values.offsets.size(), batch.rows + 1);
    CHECK_EQ(values.positions.size(), values.offsets.back());
  }
  return {values.offsets, values.positions, pooling_};
}

ConstOperand EmbeddingInput::BeginForward(size_t rows) {
  x_ = x_buffer_.Resize(rows, width(), compute_);
  return x_;
}

void EmbeddingInput::ForwardTile(const Batch& batch, std::span<const float* const> tables,
                                 const Tile& tile) {
  CHECK_EQ(batch.rows, x_.rows);
  CHECK_EQ(batch.slots.size(), slots_.size());
  CHECK_EQ(batch.tables.size(), table_dims_.size());
  CHECK_EQ(tables.size(), table_dims_.size());
  CHECK_EQ(batch.dense.size(), batch.rows * dense_features_);
  const Matrix rounded_later = block_buffer_.Resize(kBlockRows, width());
  const size_t tile_end = tile.begin + tile.rows;
  for (size_t begin = tile.begin; begin < tile_end; begin += kBlockRows) {
    const size_t end = std::min(tile_end, begin + kBlockRows);
    const Operand to = x_.Rows(begin, end - begin);
    const Matrix block =
        compute_ == Element::kFp32 ? to.floats() : rounded_later.Rows(0, end - begin);
    ForwardBlock(batch, tables, begin, end, block);
    if (compute_ == Element::kBf16) Convert(block, to);
  }
}

void EmbeddingInput::ForwardBlock(const Batch& batch, std::span<const float* const> tables,
                                  size_t begin, size_t end, Matrix block) const {
  for (size_t s = 0; s < slots_.size(); ++s) {
    PoolForward(ValuesOf(batch, s), tables[slots_[s].table], slots_[s].dim, begin, end,
                block.Columns(slots_[s].column, slots_[s].dim));
  }
  for (size_t i = begin; i < end; ++i) {
    std::copy_n(batch.dense.data() + i * dense_features_, dense_features_,
                block.row(i - begin) + embedding_width_);
  }
}

void EmbeddingInput::BeginBackward(const Batch& batch, std::span<float* const> table_gradients) {
  CHECK_EQ(table_gradients.size(), table_dims_.size());
  for (size_t t = 0; t < table_dims_.size(); ++t) {
    std::fill_n(table_gradients[t], batch.tables[t].keys.size() * table_dims_[t], 0.0f);
  }
  gradient_ = d_buffer_.Resize(TileRowsMax(batch.rows), embedding_width_);
}

void EmbeddingInput::BackwardTile(const Batch& batch, const Tile& tile,
                                  std::span<float* const> table_gradients) {
  for (size_t begin = 0; begin < tile.rows; begin += kBlockRows) {
    const size_t count = std::min(tile.rows - begin, kBlockRows);
    for (size_t s = 0; s < slots_.size(); ++s) {
      PoolBackward(ValuesOf(batch, s),
                   gradient_.Rows(begin, count).Columns(slots_[s].column, slots_[s].dim),
                   slots_[s].dim, tile.begin + begin, tile.begin + begin + count,
                   table_gradients[slots_[s].table]);
    }
  }
}

}  // namespace primacy
