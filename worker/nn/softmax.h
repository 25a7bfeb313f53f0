// Softmax over groups of columns, row by row.
#pragma once

#include <span>

#include "worker/nn/matrix.h"

namespace primacy {

// Columns [begin, begin + count) of a matrix.
struct ColumnRange {
  size_t begin = 0;
  size_t count = 0;
};

// In place: each group of columns of each row becomes its softmax. Columns of no group are
// undefined afterwards. The matrix must have no gaps between rows (stride == cols).
void Softmax(Matrix scores, std::span<const ColumnRange> groups);

// d is the gradient of the probabilities p on entry, of the scores on return: d_j = p_j (d_j - Σ_k
// p_k d_k) within a group.
void SoftmaxBackward(ConstMatrix p, std::span<const ColumnRange> groups, Matrix d);

}  // namespace primacy
