// Between floats and bfloat16: sign, 8 bits of exponent and the upper 7 bits of mantissa, held as
// uint16_t.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "worker/nn/matrix.h"

namespace primacy {

// To the nearest, ties to even, as the processors' own instructions do, but denormal numbers are
// kept. What is too large becomes infinity, NaN stays NaN.
inline uint16_t ToBf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
  const uint32_t quiet = bits >> 16 | 0x40u;  // of a NaN, whose upper half alone might be infinity
  return static_cast<uint16_t>((bits & 0x7FFFFFFFu) > 0x7F800000u ? quiet : rounded);
}

inline float FromBf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

void ToBf16(const float* from, uint16_t* to, size_t count);
void FromBf16(const uint16_t* from, float* to, size_t count);

// to = from, converted where their elements differ. Same rows and columns.
void Convert(ConstOperand from, Operand to);

}  // namespace primacy
