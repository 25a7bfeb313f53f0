#include "worker/nn/softmax.h"

#include <algorithm>

#include "worker/nn/vector_math.h"

namespace primacy {

void Softmax(Matrix scores, std::span<const ColumnRange> groups) {
  size_t grouped = 0;
  for (const ColumnRange& group : groups) grouped += group.count;
  const bool contiguous = grouped == scores.stride;
  for (size_t i = 0; i < scores.rows; ++i) {
    for (const ColumnRange& group : groups) {
      float* row = scores.row(i) + group.begin;
      float top = row[0];
      for (size_t j = 1; j < group.count; ++j) top = std::max(top, row[j]);
      for (size_t j = 0; j < group.count; ++j) row[j] -= top;
      if (!contiguous) ExpInPlace(row, group.count);
    }
  }
  if (contiguous) ExpInPlace(scores.data, scores.rows * scores.cols);
  for (size_t i = 0; i < scores.rows; ++i) {
    for (const ColumnRange& group : groups) {
      float* row = scores.row(i) + group.begin;
      float sum = 0.0f;
      for (size_t j = 0; j < group.count; ++j) sum += row[j];
      const float scale = 1.0f / sum;
      for (size_t j = 0; j < group.count; ++j) row[j] *= scale;
    }
  }
}

void SoftmaxBackward(ConstMatrix p, std::span<const ColumnRange> groups, Matrix d) {
  for (size_t i = 0; i < p.rows; ++i) {
    for (const ColumnRange& group : groups) {
      const float* p_row = p.row(i) + group.begin;
      float* d_row = d.row(i) + group.begin;
      float dot = 0.0f;
      for (size_t j = 0; j < group.count; ++j) dot += p_row[j] * d_row[j];
      for (size_t j = 0; j < group.count; ++j) d_row[j] = p_row[j] * (d_row[j] - dot);
    }
  }
}

}  // namespace primacy
