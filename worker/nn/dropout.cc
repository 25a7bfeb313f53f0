#include "worker/nn/dropout.h"

#include <cmath>

#include "common/base/hash.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

// A 32-bit mix of the unit with 64 bits of the row (the rounds are those of Wellons' "lowbias32",
// 2018); 32 bits because a vector has a multiply for them everywhere.
PRIMACY_VECTORIZED void ApplyRow(uint64_t row_bits, uint32_t threshold, float scale,
                                 size_t first_unit, size_t units, float* y) {
  const uint32_t low = static_cast<uint32_t>(row_bits);
  const uint32_t high = static_cast<uint32_t>(row_bits >> 32);
  for (size_t j = 0; j < units; ++j) {
    uint32_t x = low + static_cast<uint32_t>(first_unit + j) * 0x9E3779B9u;
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x ^= high;
    x = (x ^ (x >> 15)) * 0x846CA68Bu;
    x ^= x >> 16;
    const float scaled = y[j] * scale;
    y[j] = x >= threshold ? scaled : 0.0f;
  }
}

}  // namespace

Dropout::Dropout(double rate) {
  CHECK(rate >= 0 && rate < 1) << rate;
  threshold_ = static_cast<uint32_t>(std::floor(rate * 0x1p32));
  scale_ = static_cast<float>(1.0 / (1.0 - threshold_ * 0x1p-32));
}

void Dropout::Apply(uint64_t seed, uint64_t layer, std::span<const uint64_t> row_sequence,
                    size_t first_unit, Matrix y) const {
  CHECK_EQ(row_sequence.size(), y.rows);
  const uint64_t stream = HashCombine(seed, layer);
  for (size_t i = 0; i < y.rows; ++i) {
    ApplyRow(RandomBits(stream, row_sequence[i]), threshold_, scale_, first_unit, y.cols, y.row(i));
  }
}

}  // namespace primacy
