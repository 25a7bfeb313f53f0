#include "worker/nn/bfloat16.h"

#include <algorithm>

#include "common/base/vectorize.h"

namespace primacy {

PRIMACY_VECTORIZED void ToBf16(const float* __restrict from, uint16_t* __restrict to,
                               size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = ToBf16(from[i]);
}

PRIMACY_VECTORIZED void FromBf16(const uint16_t* __restrict from, float* __restrict to,
                                 size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = FromBf16(from[i]);
}

void Convert(ConstOperand from, Operand to) {
  CHECK_EQ(from.rows, to.rows);
  CHECK_EQ(from.cols, to.cols);
  const bool whole = from.cols == from.stride && to.cols == to.stride;
  const size_t rows = whole ? 1 : from.rows;
  const size_t count = whole ? from.rows * from.cols : from.cols;
  for (size_t i = 0; i < rows; ++i) {
    const char* in = static_cast<const char*>(from.data) + i * from.stride * BytesOf(from.element);
    char* out = static_cast<char*>(to.data) + i * to.stride * BytesOf(to.element);
    if (from.element == to.element) {
      std::copy_n(in, count * BytesOf(from.element), out);
    } else if (to.element == Element::kBf16) {
      ToBf16(reinterpret_cast<const float*>(in), reinterpret_cast<uint16_t*>(out), count);
    } else {
      FromBf16(reinterpret_cast<const uint16_t*>(in), reinterpret_cast<float*>(out), count);
    }
  }
}

}  // namespace primacy
