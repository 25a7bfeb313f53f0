// Initial weights of table rows: normal numbers as a pure function of (seed, key, element). A key
// that has no row reads as them, so they are made at every step for every new key, and have to be
// cheap.
//
// Element i comes from the i/2-th 64-bit draw of the key's SplitMix64 stream, by Box and Muller
// (1958): with uniform u, v the pair √(−2 ln u) · (cos, sin)(2πv). Logarithm, sine and cosine are
// polynomials in float, evaluated without fused multiply-add, so the bits are the same on every
// machine. The largest magnitude is √(48 ln 2) = 5.8 standard deviations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/protocol/ids.h"

namespace primacy {

// Writes elements [0, dim) of each key to rows[k].
void InitialRows(uint64_t seed, float stddev, size_t dim, std::span<const Key> keys,
                 float* const* rows);

}  // namespace primacy
