#include "worker/nn/pooling.h"

#include <type_traits>

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

// How many values ahead a row is fetched.
constexpr size_t kAhead = 24;

// The loops over a slot's values. Dim is size_t, or the constant of a usual dim: then the loop over
// a row's weights is a few vector instructions.
template <typename Dim>
PRIMACY_IN_LOOP void GatherSingle(const uint32_t* positions, const float* table, Dim dim,
                                  size_t begin, size_t end, size_t count, float* out,
                                  size_t stride) {
  for (size_t i = begin; i < end; ++i, out += stride) {
    const size_t next = i + kAhead < count ? i + kAhead : i;
    __builtin_prefetch(table + positions[next] * dim);
    const float* __restrict from = table + positions[i] * dim;
    float* __restrict to = out;
    for (size_t c = 0; c < dim; ++c) to[c] = from[c];
  }
}

template <typename Dim>
PRIMACY_IN_LOOP void GatherMany(const uint32_t* offsets, const uint32_t* positions,
                                const float* table, Dim dim, size_t count, bool mean, size_t begin,
                                size_t end, float* out, size_t stride) {
  constexpr bool kUsual = !std::is_same_v<Dim, size_t>;
  float kept[kUsual ? size_t{Dim()} : 1];  // sums in registers
  for (size_t i = begin; i < end; ++i, out += stride) {
    float* __restrict sum = kUsual ? kept : out;
    for (size_t c = 0; c < dim; ++c) sum[c] = 0.0f;
    for (size_t v = offsets[i]; v < offsets[i + 1]; ++v) {
      const size_t next = v + kAhead < count ? v + kAhead : v;
      __builtin_prefetch(table + positions[next] * dim);
      const float* __restrict from = table + positions[v] * dim;
      for (size_t c = 0; c < dim; ++c) sum[c] += from[c];
    }
    const size_t values = offsets[i + 1] - offsets[i];
    const float scale = mean && values > 1 ? 1.0f / static_cast<float>(values) : 1.0f;
    for (size_t c = 0; c < dim; ++c) out[c] = sum[c] * scale;
  }
}

template <typename Dim>
PRIMACY_IN_LOOP void ScatterSingle(const uint32_t* positions, float* table, Dim dim, size_t begin,
                                   size_t end, size_t count, const float* d, size_t stride) {
  for (size_t i = begin; i < end; ++i, d += stride) {
    const size_t next = i + kAhead < count ? i + kAhead : i;
    __builtin_prefetch(table + positions[next] * dim, 1);
    float* __restrict to = table + positions[i] * dim;
    const float* __restrict from = d;
    for (size_t c = 0; c < dim; ++c) to[c] += from[c];
  }
}

template <typename Dim>
PRIMACY_IN_LOOP void ScatterMany(const uint32_t* offsets, const uint32_t* positions, float* table,
                                 Dim dim, size_t count, bool mean, size_t begin, size_t end,
                                 const float* d, size_t stride) {
  for (size_t i = begin; i < end; ++i, d += stride) {
    const float* __restrict from = d;
    const size_t values = offsets[i + 1] - offsets[i];
    const float scale = mean && values > 1 ? 1.0f / static_cast<float>(values) : 1.0f;
    for (size_t v = offsets[i]; v < offsets[i + 1]; ++v) {
      const size_t next = v + kAhead < count ? v + kAhead : v;
      __builtin_prefetch(table + positions[next] * dim, 1);
      float* __restrict to = table + positions[v] * dim;
      for (size_t c = 0; c < dim; ++c) to[c] += from[c] * scale;
    }
  }
}

PRIMACY_VECTORIZED void Gather(const uint32_t* offsets, const uint32_t* positions, size_t count,
                               bool mean, const float* table, size_t any_dim, size_t begin,
                               size_t end, float* out, size_t stride) {
  WithDim(
      any_dim, [&](auto dim) __attribute__((always_inline)) {
        if (offsets == nullptr) {
          GatherSingle(positions, table, dim, begin, end, count, out, stride);
        } else {
          GatherMany(offsets, positions, table, dim, count, mean, begin, end, out, stride);
        }
      });
}

PRIMACY_VECTORIZED void Scatter(const uint32_t* offsets, const uint32_t* positions, size_t count,
                                bool mean, float* table, size_t any_dim, size_t begin, size_t end,
                                const float* d, size_t stride) {
  WithDim(
      any_dim, [&](auto dim) __attribute__((always_inline)) {
        if (offsets == nullptr) {
          ScatterSingle(positions, table, dim, begin, end, count, d, stride);
        } else {
          ScatterMany(offsets, positions, table, dim, count, mean, begin, end, d, stride);
        }
      });
}

}  // namespace

void PoolForward(const SlotValues& slot, const float* table, size_t dim, size_t begin, size_t end,
                 Matrix out) {
  Gather(slot.offsets.empty() ? nullptr : slot.offsets.data(), slot.positions.data(),
         slot.positions.size(), slot.pooling == Pooling::kMean, table, dim, begin, end, out.data,
         out.stride);
}

void PoolBackward(const SlotValues& slot, ConstMatrix out_gradient, size_t dim, size_t begin,
                  size_t end, float* table_gradient) {
  Scatter(slot.offsets.empty() ? nullptr : slot.offsets.data(), slot.positions.data(),
          slot.positions.size(), slot.pooling == Pooling::kMean, table_gradient, dim, begin, end,
          out_gradient.data, out_gradient.stride);
}

}  // namespace primacy
