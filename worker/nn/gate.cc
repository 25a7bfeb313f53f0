#include "worker/nn/gate.h"

#include <algorithm>

#include "common/base/vectorize.h"

namespace primacy {
namespace {

constexpr size_t kLanes = 16;

// One gate, one row. out[c] = Σ_j p[j] · experts[expert[j] · width + c].
PRIMACY_VECTORIZED void MixRow(const float* __restrict p, const int* __restrict expert,
                               size_t count, const float* __restrict experts, size_t width,
                               float* __restrict out) {
  size_t c = 0;
  for (; c + kLanes <= width; c += kLanes) {
    float sum[kLanes] = {};
    for (size_t j = 0; j < count; ++j) {
      const float* e = experts + static_cast<size_t>(expert[j]) * width + c;
      for (size_t l = 0; l < kLanes; ++l) sum[l] += p[j] * e[l];
    }
    for (size_t l = 0; l < kLanes; ++l) out[c + l] = sum[l];
  }
  for (; c < width; ++c) {
    float sum = 0.0f;
    for (size_t j = 0; j < count; ++j)
      sum += p[j] * experts[static_cast<size_t>(expert[j]) * width + c];
    out[c] = sum;
  }
}

// One gate, one row. d_experts[expert[j]] += p[j] · d, d_p[j] = <d, experts[expert[j]]>, summed in
// kLanes partial sums so that the order, and with it the bits, are the same for every vector width.
PRIMACY_VECTORIZED void MixRowBackward(const float* __restrict p, const int* __restrict expert,
                                       size_t count, const float* __restrict experts, size_t width,
                                       const float* __restrict d, float* __restrict d_p,
                                       float* __restrict d_experts) {
  for (size_t j = 0; j < count; ++j) {
    const float* e = experts + static_cast<size_t>(expert[j]) * width;
    float* d_e = d_experts + static_cast<size_t>(expert[j]) * width;
    const float weight = p[j];
    float partial[kLanes] = {};
    size_t c = 0;
    for (; c + kLanes <= width; c += kLanes) {
      for (size_t l = 0; l < kLanes; ++l) {
        partial[l] += d[c + l] * e[c + l];
        d_e[c + l] += weight * d[c + l];
      }
    }
    for (size_t l = 0; c + l < width; ++l) {
      partial[l] += d[c + l] * e[c + l];
      d_e[c + l] += weight * d[c + l];
    }
    for (size_t half = kLanes / 2; half > 0; half /= 2) {
      for (size_t l = 0; l < half; ++l) partial[l] += partial[l + half];
    }
    d_p[j] = partial[0];
  }
}

}  // namespace

void MixForward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                ConstMatrix experts, Matrix output) {
  for (size_t i = 0; i < experts.rows; ++i) {
    for (const Gate& gate : gates) {
      MixRow(probabilities.row(i) + gate.probability_column, gate.experts.data(),
             gate.experts.size(), experts.row(i), width, output.row(i) + gate.output_column);
    }
  }
}

void MixBackward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                 ConstMatrix experts, ConstMatrix output_gradient, Matrix probability_gradient,
                 Matrix expert_gradient) {
  for (size_t i = 0; i < experts.rows; ++i) {
    std::fill_n(expert_gradient.row(i), expert_gradient.cols, 0.0f);
    for (const Gate& gate : gates) {
      MixRowBackward(probabilities.row(i) + gate.probability_column, gate.experts.data(),
                     gate.experts.size(), experts.row(i), width,
                     output_gradient.row(i) + gate.output_column,
                     probability_gradient.row(i) + gate.probability_column, expert_gradient.row(i));
    }
  }
}

}  // namespace primacy
