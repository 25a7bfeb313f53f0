#include "common/base/narrow_floats.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/base/vectorize.h"

namespace primacy {
namespace {

PRIMACY_VECTORIZED void RoundToBf16(size_t count, const float* __restrict values,
                                    uint16_t* __restrict out) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
    const uint32_t quiet_nan = bits >> 16 | 0x40u;
    const bool is_nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
    out[i] = static_cast<uint16_t>(is_nan ? quiet_nan : rounded);
  }
}

PRIMACY_VECTORIZED void WidenBf16(size_t count, const uint16_t* __restrict values,
                                  float* __restrict out) {
  for (size_t i = 0; i < count; ++i) {
    out[i] = std::bit_cast<float>(static_cast<uint32_t>(values[i]) << 16);
  }
}

// In integers, so that it vectorises and denormal numbers do not depend on the processor's mode.
PRIMACY_VECTORIZED void RoundToFp16(size_t count, const float* __restrict values,
                                    uint16_t* __restrict out) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    const uint32_t sign = bits >> 16 & 0x8000u;
    const uint32_t magnitude = bits & 0x7FFFFFFFu;
    // Normal numbers: another bias of the exponent, 13 bits fewer.
    const uint32_t normal = (magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13;
    // Below 2^-14: the sum with 0.5 has the wanted bits, rounded, at its end.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    const uint32_t denormal = std::bit_cast<uint32_t>(shifted) - 0x3F000000u;
    uint32_t half = magnitude < 0x38800000u ? denormal : normal;
    half = magnitude >= 0x477FF000u ? 0x7C00u : half;  // infinite
    half = magnitude > 0x7F800000u ? 0x7E00u : half;   // NaN
    out[i] = static_cast<uint16_t>(sign | half);
  }
}

PRIMACY_VECTORIZED void WidenFp16(size_t count, const uint16_t* __restrict values,
                                  float* __restrict out) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t sign = static_cast<uint32_t>(values[i] & 0x8000u) << 16;
    const uint32_t magnitude = values[i] & 0x7FFFu;
    const uint32_t normal = (magnitude << 13) + 0x38000000u;
    const float denormal = static_cast<float>(static_cast<int32_t>(magnitude)) * 0x1p-24f;
    uint32_t bits = magnitude < 0x400u ? std::bit_cast<uint32_t>(denormal) : normal;
    bits = magnitude >= 0x7C00u ? 0x7F800000u | magnitude << 13 : bits;
    out[i] = std::bit_cast<float>(sign | bits);
  }
}

// The largest |value| as its bits, which order as the values do.
PRIMACY_VECTORIZED uint32_t LargestBits(size_t count, const float* values) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; ++i) {
    largest = std::max(largest, std::bit_cast<uint32_t>(values[i]) & 0x7FFFFFFFu);
  }
  return largest;
}

}  // namespace

void ToBf16(std::span<const float> values, uint16_t* out) {
  RoundToBf16(values.size(), values.data(), out);
}

void FromBf16(std::span<const uint16_t> values, float* out) {
  WidenBf16(values.size(), values.data(), out);
}

void ToFp16(std::span<const float> values, uint16_t* out) {
  RoundToFp16(values.size(), values.data(), out);
}

void FromFp16(std::span<const uint16_t> values, float* out) {
  WidenFp16(values.size(), values.data(), out);
}

float LargestMagnitude(std::span<const float> values) {
  return std::bit_cast<float>(LargestBits(values.size(), values.data()));
}

float Fp16Scale(float largest) {
  if (largest == 0 || !std::isfinite(largest)) return 1;
  // Both the scale and its inverse are normal numbers.
  return std::ldexp(1.0f, std::clamp(13 - std::ilogb(largest), -100, 100));
}

}  // namespace primacy
