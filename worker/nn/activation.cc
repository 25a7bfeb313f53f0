#include "worker/nn/activation.h"

#include <algorithm>

#include "common/base/vectorize.h"

namespace primacy {
namespace {

PRIMACY_VECTORIZED void AddBias(float* __restrict y, size_t rows, size_t cols, size_t stride,
                                const float* __restrict bias) {
  for (size_t i = 0; i < rows; ++i, y += stride) {
    for (size_t j = 0; j < cols; ++j) y[j] += bias[j];
  }
}

PRIMACY_VECTORIZED void AddBiasRelu(float* __restrict y, size_t rows, size_t cols, size_t stride,
                                    const float* __restrict bias) {
  for (size_t i = 0; i < rows; ++i, y += stride) {
    for (size_t j = 0; j < cols; ++j) {
      const float sum = y[j] + bias[j];
      y[j] = sum < 0.0f ? 0.0f : sum;  // NaN stays NaN, so that it is found
    }
  }
}

PRIMACY_VECTORIZED void AddColumnSums(const float* __restrict d, size_t rows, size_t cols,
                                      size_t stride, float* __restrict sums) {
  for (size_t i = 0; i < rows; ++i, d += stride) {
    for (size_t j = 0; j < cols; ++j) sums[j] += d[j];
  }
}

PRIMACY_VECTORIZED void ReluBackward(float* __restrict d, size_t d_stride,
                                     const float* __restrict y, size_t y_stride, size_t rows,
                                     size_t cols, float scale, float* __restrict sums) {
  for (size_t i = 0; i < rows; ++i, d += d_stride, y += y_stride) {
    for (size_t j = 0; j < cols; ++j) {
      const float scaled = d[j] * scale;
      const float kept = y[j] > 0.0f ? scaled : 0.0f;
      d[j] = kept;
      sums[j] += kept;
    }
  }
}

}  // namespace

void AddBiasAndActivate(Matrix y, const float* bias, Activation activation) {
  if (activation == Activation::kRelu) {
    AddBiasRelu(y.data, y.rows, y.cols, y.stride, bias);
  } else {
    AddBias(y.data, y.rows, y.cols, y.stride, bias);
  }
}

void ActivationBackward(Matrix d, ConstMatrix y, Activation activation, float kept_scale,
                        float* bias_gradient) {
  std::fill_n(bias_gradient, d.cols, 0.0f);
  if (activation == Activation::kRelu) {
    ReluBackward(d.data, d.stride, y.data, y.stride, d.rows, d.cols, kept_scale, bias_gradient);
  } else {
    AddColumnSums(d.data, d.rows, d.cols, d.stride, bias_gradient);
  }
}

}  // namespace primacy
