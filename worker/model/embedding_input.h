// The bottom of every model: pooled slot embeddings in slot order, then the dense features, as one
// matrix.
#pragma once

#include <span>
#include <vector>

#include "worker/data/batch.h"
#include "worker/data/input_spec.h"
#include "worker/model/step_context.h"
#include "worker/nn/matrix.h"
#include "worker/nn/pooling.h"

namespace primacy {

// Not thread safe.
class EmbeddingInput {
 public:
  EmbeddingInput(const InputSpec& input, Pooling pooling, Element compute);

  // Columns of the matrix, and how many of them, the first ones, are embeddings.
  size_t width() const { return embedding_width_ + dense_features_; }
  size_t embedding_width() const { return embedding_width_; }

  // [rows, width()] of `compute`, to be filled tile by tile. Valid until the next call.
  ConstOperand BeginForward(size_t rows);
  // tables[t] [unique, dim].
  void ForwardTile(const Batch& batch, std::span<const float* const> tables, const Tile& tile);

  // The backward pass: table_gradients[t] [unique, dim] become 0; then for every tile in order the
  // gradient of its embedding columns into TileGradient, and BackwardTile, which adds to them.
  void BeginBackward(const Batch& batch, std::span<float* const> table_gradients);
  // [rows of the largest tile, embedding_width()].
  Matrix TileGradient() const { return gradient_; }
  void BackwardTile(const Batch& batch, const Tile& tile, std::span<float* const> table_gradients);

 private:
  struct Slot {
    int table = 0;
    size_t dim = 0;
    size_t column = 0;
  };
  // Writes rows [begin, end) of the matrix to `block`, from its first row on.
  void ForwardBlock(const Batch& batch, std::span<const float* const> tables, size_t begin,
                    size_t end, Matrix block) const;
  SlotValues ValuesOf(const Batch& batch, size_t slot) const;

  const Pooling pooling_;
  const Element compute_;
  std::vector<Slot> slots_;
  std::vector<size_t> table_dims_;
  size_t embedding_width_ = 0;
  size_t dense_features_ = 0;
  MatrixBuffer x_buffer_;
  Operand x_;
  MatrixBuffer block_buffer_;  // floats of a block of rows, before they are rounded
  MatrixBuffer d_buffer_;
  Matrix gradient_;
};

}  // namespace primacy
