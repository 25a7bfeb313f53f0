#include "worker/nn/pooling.h"

#include "common/base/vectorize.h"

namespace primacy {
namespace {

// How many values ahead a row is fetched.
constexpr size_t kAhead = 24;

// The loops below are built for the usual dimensions (kDim) and once for any (kDim = 0), so that
// the inner loop is a few vector instructions.
template <size_t kDim>
PRIMACY_IN_LOOP void GatherSingle(const uint32_t* positions, const float* table, size_t any_dim,
                                  size_t begin, size_t end, size_t count, float* out,
                                  size_t stride) {
  const size_t dim = kDim == 0 ? any_dim : kDim;
  for (size_t i = begin; i < end; ++i, out += stride) {
    const size_t next = i + kAhead < count ? i + kAhead : i;
    __builtin_prefetch(table + positions[next] * dim);
    const float* __restrict from = table + positions[i] * dim;
    float* __restrict to = out;
    for (size_t c = 0; c < dim; ++c) to[c] = from[c];
  }
}

template <size_t kDim>
PRIMACY_IN_LOOP void GatherMany(const uint32_t* offsets, const uint32_t* positions,
                                const float* table, size_t any_dim, size_t count, bool mean,
                                size_t begin, size_t end, float* out, size_t stride) {
  const size_t dim = kDim == 0 ? any_dim : kDim;
  float kept[kDim == 0 ? 1 : kDim];  // sums in registers
  for (size_t i = begin; i < end; ++i, out += stride) {
    float* __restrict sum = kDim == 0 ? out : kept;
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

template <size_t kDim>
PRIMACY_IN_LOOP void ScatterSingle(const uint32_t* positions, float* table, size_t any_dim,
                                   size_t begin, size_t end, size_t count, const float* d,
                                   size_t stride) {
  const size_t dim = kDim == 0 ? any_dim : kDim;
  for (size_t i = begin; i < end; ++i, d += stride) {
    const size_t next = i + kAhead < count ? i + kAhead : i;
    __builtin_prefetch(table + positions[next] * dim, 1);
    float* __restrict to = table + positions[i] * dim;
    const float* __restrict from = d;
    for (size_t c = 0; c < dim; ++c) to[c] += from[c];
  }
}

template <size_t kDim>
PRIMACY_IN_LOOP void ScatterMany(const uint32_t* offsets, const uint32_t* positions, float* table,
                                 size_t any_dim, size_t count, bool mean, size_t begin, size_t end,
                                 const float* d, size_t stride) {
  const size_t dim = kDim == 0 ? any_dim : kDim;
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
                               bool mean, const float* table, size_t dim, size_t begin, size_t end,
                               float* out, size_t stride) {
  if (offsets == nullptr) {
    switch (dim) {
      case 4:
        return GatherSingle<4>(positions, table, dim, begin, end, count, out, stride);
      case 8:
        return GatherSingle<8>(positions, table, dim, begin, end, count, out, stride);
      case 16:
        return GatherSingle<16>(positions, table, dim, begin, end, count, out, stride);
      case 32:
        return GatherSingle<32>(positions, table, dim, begin, end, count, out, stride);
      default:
        return GatherSingle<0>(positions, table, dim, begin, end, count, out, stride);
    }
  }
  switch (dim) {
    case 4:
      return GatherMany<4>(offsets, positions, table, dim, count, mean, begin, end, out, stride);
    case 8:
      return GatherMany<8>(offsets, positions, table, dim, count, mean, begin, end, out, stride);
    case 16:
      return GatherMany<16>(offsets, positions, table, dim, count, mean, begin, end, out, stride);
    case 32:
      return GatherMany<32>(offsets, positions, table, dim, count, mean, begin, end, out, stride);
    default:
      return GatherMany<0>(offsets, positions, table, dim, count, mean, begin, end, out, stride);
  }
}

PRIMACY_VECTORIZED void Scatter(const uint32_t* offsets, const uint32_t* positions, size_t count,
                                bool mean, float* table, size_t dim, size_t begin, size_t end,
                                const float* d, size_t stride) {
  if (offsets == nullptr) {
    switch (dim) {
      case 4:
        return ScatterSingle<4>(positions, table, dim, begin, end, count, d, stride);
      case 8:
        return ScatterSingle<8>(positions, table, dim, begin, end, count, d, stride);
      case 16:
        return ScatterSingle<16>(positions, table, dim, begin, end, count, d, stride);
      case 32:
        return ScatterSingle<32>(positions, table, dim, begin, end, count, d, stride);
      default:
        return ScatterSingle<0>(positions, table, dim, begin, end, count, d, stride);
    }
  }
  switch (dim) {
    case 4:
      return ScatterMany<4>(offsets, positions, table, dim, count, mean, begin, end, d, stride);
    case 8:
      return ScatterMany<8>(offsets, positions, table, dim, count, mean, begin, end, d, stride);
    case 16:
      return ScatterMany<16>(offsets, positions, table, dim, count, mean, begin, end, d, stride);
    case 32:
      return ScatterMany<32>(offsets, positions, table, dim, count, mean, begin, end, d, stride);
    default:
      return ScatterMany<0>(offsets, positions, table, dim, count, mean, begin, end, d, stride);
  }
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
