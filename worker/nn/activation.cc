#include "worker/nn/activation.h"

#include <algorithm>

#include "common/base/vectorize.h"
#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

PRIMACY_IN_LOOP float Read(float value) { return value; }
PRIMACY_IN_LOOP float Read(uint16_t bits) { return FromBf16(bits); }
PRIMACY_IN_LOOP void Write(float value, float& to) { to = value; }
PRIMACY_IN_LOOP void Write(float value, uint16_t& to) { to = ToBf16(value); }

PRIMACY_VECTORIZED void Relu(float* y, size_t rows, size_t cols, size_t stride) {
  for (size_t i = 0; i < rows; ++i, y += stride) {
    for (size_t j = 0; j < cols; ++j) y[j] = y[j] < 0.0f ? 0.0f : y[j];
  }
}

// Negative numbers, and no NaN, lie from -0 (0x8000) to -infinity (0xFF80).
PRIMACY_VECTORIZED void Relu(uint16_t* y, size_t rows, size_t cols, size_t stride) {
  for (size_t i = 0; i < rows; ++i, y += stride) {
    for (size_t j = 0; j < cols; ++j) {
      const uint16_t from_minus_0 = static_cast<uint16_t>(y[j] - 0x8000u);
      y[j] = from_minus_0 <= 0x7F80u ? uint16_t{0} : y[j];
    }
  }
}

struct Shape {
  size_t rows;
  size_t cols;
  size_t d_stride;
  size_t y_stride;
  size_t before_stride;
};

template <bool kRelu, typename Y, typename Before>
PRIMACY_IN_LOOP void Backward(const float* __restrict d, const Y* __restrict y,
                              Before* __restrict before, const Shape& shape, float scale,
                              float* __restrict sums) {
  for (size_t i = 0; i < shape.rows; ++i) {
    for (size_t j = 0; j < shape.cols; ++j) {
      float kept = d[j];
      if (kRelu) {
        const float scaled = kept * scale;
        kept = Read(y[j]) > 0.0f ? scaled : 0.0f;
      }
      Write(kept, before[j]);
      sums[j] += kept;
    }
    d += shape.d_stride;
    y += shape.y_stride;
    before += shape.before_stride;
  }
}

PRIMACY_VECTORIZED void ReluBackward(const float* __restrict d, const float* __restrict y,
                                     float* __restrict before, const Shape& shape, float scale,
                                     float* __restrict sums) {
  Backward<true>(d, y, before, shape, scale, sums);
}

PRIMACY_VECTORIZED void ReluBackward(const float* __restrict d, const float* __restrict y,
                                     uint16_t* __restrict before, const Shape& shape, float scale,
                                     float* __restrict sums) {
  Backward<true>(d, y, before, shape, scale, sums);
}

PRIMACY_VECTORIZED void ReluBackward(const float* __restrict d, const uint16_t* __restrict y,
                                     uint16_t* __restrict before, const Shape& shape, float scale,
                                     float* __restrict sums) {
  Backward<true>(d, y, before, shape, scale, sums);
}

PRIMACY_VECTORIZED void LinearBackward(const float* __restrict d, float* __restrict before,
                                       const Shape& shape, float* __restrict sums) {
  Backward<false>(d, d, before, shape, 1.0f, sums);
}

PRIMACY_VECTORIZED void LinearBackward(const float* __restrict d, uint16_t* __restrict before,
                                       const Shape& shape, float* __restrict sums) {
  Backward<false>(d, d, before, shape, 1.0f, sums);
}

}  // namespace

void Activate(Operand y, Activation activation) {
  if (activation == Activation::kNone) return;
  if (y.element == Element::kBf16) {
    Relu(static_cast<uint16_t*>(y.data), y.rows, y.cols, y.stride);
  } else {
    Relu(static_cast<float*>(y.data), y.rows, y.cols, y.stride);
  }
}

void ActivationBackward(ConstMatrix d, ConstOperand y, Activation activation, float kept_scale,
                        Operand before, float* bias_gradient) {
  const Shape shape{d.rows, d.cols, d.stride, y.stride, before.stride};
  const bool relu = activation == Activation::kRelu;
  if (before.element == Element::kFp32) {
    float* const to = before.floats().data;
    if (!relu) return LinearBackward(d.data, to, shape, bias_gradient);
    return ReluBackward(d.data, y.floats().data, to, shape, kept_scale, bias_gradient);
  }
  uint16_t* const to = static_cast<uint16_t*>(before.data);
  if (!relu) return LinearBackward(d.data, to, shape, bias_gradient);
  if (y.element == Element::kFp32) {
    return ReluBackward(d.data, y.floats().data, to, shape, kept_scale, bias_gradient);
  }
  ReluBackward(d.data, static_cast<const uint16_t*>(y.data), to, shape, kept_scale, bias_gradient);
}

}  // namespace primacy
