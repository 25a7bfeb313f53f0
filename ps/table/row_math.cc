#include "ps/table/row_math.h"

#include <bit>

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

PRIMACY_VECTORIZED void CopyRowsLoop(size_t any_dim, size_t count, const float* const* rows,
                                     float* out) {
  WithDim(
      any_dim, [&](auto dim) __attribute__((always_inline)) {
        for (size_t r = 0; r < count; ++r) {
          const float* __restrict from = rows[r];
          float* __restrict to = out + r * dim;
          for (size_t i = 0; i < dim; ++i) to[i] = from[i];
        }
      });
}

PRIMACY_VECTORIZED void AddLoop(size_t count, const float* __restrict addend,
                                float* __restrict sum) {
  for (size_t i = 0; i < count; ++i) sum[i] += addend[i];
}

PRIMACY_VECTORIZED void AddRowsLoop(size_t any_dim, size_t count, const uint32_t* positions,
                                    const float* gradients, float* sums, size_t filled) {
  WithDim(
      any_dim, [&](auto dim) __attribute__((always_inline)) {
        for (size_t r = 0; r < count; ++r) {
          float* __restrict sum = sums + positions[r] * dim;
          const float* __restrict gradient = gradients + r * dim;
          if (positions[r] == filled) {
            ++filled;
            for (size_t i = 0; i < dim; ++i) sum[i] = gradient[i];
          } else {
            for (size_t i = 0; i < dim; ++i) sum[i] += gradient[i];
          }
        }
      });
}

// Sign bit set where an exponent is all ones.
PRIMACY_VECTORIZED uint32_t NotFiniteBits(size_t count, const float* values) {
  uint32_t bits = 0;
  for (size_t i = 0; i < count; ++i) {
    bits |= (std::bit_cast<uint32_t>(values[i]) & 0x7F800000u) + 0x00800000u;
  }
  return bits;
}

constexpr size_t kLanes = 8;

PRIMACY_VECTORIZED void AddSquares(size_t groups, const float* __restrict values,
                                   double* __restrict lanes) {
  double sums[kLanes] = {};
  for (size_t g = 0; g < groups; ++g) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[g * kLanes + lane];
      sums[lane] += value * value;
    }
  }
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = sums[lane];
}

}  // namespace

void CopyRows(size_t dim, std::span<const float* const> rows, float* out) {
  CopyRowsLoop(dim, rows.size(), rows.data(), out);
}

void AddTo(std::span<float> sum, const float* addend) { AddLoop(sum.size(), addend, sum.data()); }

void AddRows(size_t dim, std::span<const uint32_t> positions, const float* gradients, float* sums,
             size_t filled) {
  AddRowsLoop(dim, positions.size(), positions.data(), gradients, sums, filled);
}

bool AllFinite(std::span<const float> values) {
  return (NotFiniteBits(values.size(), values.data()) & 0x80000000u) == 0;
}

double SumOfSquares(std::span<const float> values) {
  double lanes[kLanes];
  const size_t groups = values.size() / kLanes;
  AddSquares(groups, values.data(), lanes);
  for (size_t i = groups * kLanes; i < values.size(); ++i) {
    const double value = values[i];
    lanes[i - groups * kLanes] += value * value;
  }
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

}  // namespace primacy
