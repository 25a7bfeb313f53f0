#include "worker/nn/dropout.h"

#include <cmath>

#include "common/base/hash.h"
#include "common/base/vectorize.h"
#include "worker/nn/bfloat16.h"

namespace primacy {
namespace {

// A 32-bit mix of the unit with 64 bits of the row (the rounds are those of Wellons' "lowbias32",
// 2018); 32 bits because a vector has a multiply for them everywhere.
PRIMACY_IN_LOOP bool Keeps(uint64_t row_bits, uint32_t threshold, size_t unit) {
  const uint32_t low = static_cast<uint32_t>(row_bits);
  const uint32_t high = static_cast<uint32_t>(row_bits >> 32);
  uint32_t x = low + static_cast<uint32_t>(unit) * 0x9E3779B9u;
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x ^= high;
  x = (x ^ (x >> 15)) * 0x846CA68Bu;
  x ^= x >> 16;
  return x >= threshold;
}

PRIMACY_VECTORIZED void ApplyRow(uint64_t row_bits, uint32_t threshold, float scale,
                                 size_t first_unit, size_t units, float* y) {
  for (size_t j = 0; j < units; ++j) {
    const float scaled = y[j] * scale;
    y[j] = Keeps(row_bits, threshold, first_unit + j) ? scaled : 0.0f;
  }
}

PRIMACY_VECTORIZED void ApplyRow(uint64_t row_bits, uint32_t threshold, float scale,
                                 size_t first_unit, size_t units, uint16_t* y) {
  for (size_t j = 0; j < units; ++j) {
    const uint16_t scaled = ToBf16(FromBf16(y[j]) * scale);
    y[j] = Keeps(row_bits, threshold, first_unit + j) ? scaled : uint16_t{0};
  }
}

}  // namespace

Dropout::Dropout(double rate) {
  CHECK(rate >= 0 && rate < 1) << rate;
  threshold_ = static_cast<uint32_t>(std::floor(rate * 0x1p32));
  scale_ = static_cast<float>(1.0 / (1.0 - threshold_ * 0x1p-32));
}

void Dropout::Apply(uint64_t seed, uint64_t layer, std::span<const uint64_t> row_sequence,
                    size_t first_unit, Operand y) const {
  CHECK_EQ(row_sequence.size(), y.rows);
  const uint64_t stream = HashCombine(seed, layer);
  for (size_t i = 0; i < y.rows; ++i) {
    const uint64_t row_bits = RandomBits(stream, row_sequence[i]);
    if (y.element == Element::kBf16) {
      uint16_t* const row = static_cast<uint16_t*>(y.data) + i * y.stride;
      ApplyRow(row_bits, threshold_, scale_, first_unit, y.cols, row);
    } else {
      ApplyRow(row_bits, threshold_, scale_, first_unit, y.cols, y.floats().row(i));
    }
  }
}

}  // namespace primacy
