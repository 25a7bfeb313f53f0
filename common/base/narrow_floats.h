// Floats in 16 bits: bfloat16 (the upper half of a float) and IEEE binary16. Rounding is to
// nearest, ties to even; NaN stays NaN. The same bits on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace primacy {

// out[i] = values[i] rounded. Both spans have the same size and do not overlap.
void ToBf16(std::span<const float> values, uint16_t* out);
void FromBf16(std::span<const uint16_t> values, float* out);

// Beyond ±65504 becomes infinite; below 2^-24 loses all its bits.
void ToFp16(std::span<const float> values, uint16_t* out);
void FromFp16(std::span<const uint16_t> values, float* out);

// The largest |value|; NaN or infinite where one is. 0 for no values.
float LargestMagnitude(std::span<const float> values);
// The power of two that brings values up to `largest` below 2^14, and `largest` to at least 2^13,
// so that FP16 holds them with the most bits; 1 where `largest` is zero or not finite.
float Fp16Scale(float largest);

}  // namespace primacy
