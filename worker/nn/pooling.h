// Embedding lookup and pooling of one slot: rows of unique keys gathered by position, summed or
// averaged per batch row, and the way back, where repeated keys add up.
#pragma once

#include <cstdint>
#include <span>

#include "worker/nn/matrix.h"

namespace primacy {

enum class Pooling { kMean, kSum };

// offsets [rows + 1] cut `positions` into the batch rows' lists; empty offsets: one value per row.
// Positions index the rows of the table. An empty list pools to zeros.
struct SlotValues {
  std::span<const uint32_t> offsets;
  std::span<const uint32_t> positions;
  Pooling pooling = Pooling::kMean;
};

// table [unique, dim] without gaps; out [end - begin, dim], any stride: batch rows [begin, end).
void PoolForward(const SlotValues& slot, const float* table, size_t dim, size_t begin, size_t end,
                 Matrix out);

// Adds to table_gradient [unique, dim], value after value in the order of the slot. out_gradient
// [end - begin, dim], any stride: that of batch rows [begin, end).
void PoolBackward(const SlotValues& slot, ConstMatrix out_gradient, size_t dim, size_t begin,
                  size_t end, float* table_gradient);

}  // namespace primacy
