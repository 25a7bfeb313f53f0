// Hashing and counter-based randomness: pure functions, so that whatever is drawn depends on names
// and numbers alone and never on the order in which processes ask.
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

namespace primacy {

// A bijective 64-bit mixer (the finaliser of SplitMix64, Steele et al. 2014).
constexpr uint64_t Mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// Order-sensitive combination of two 64-bit values.
constexpr uint64_t HashCombine(uint64_t a, uint64_t b) { return Mix64(a ^ Mix64(b)); }

// XXH64 of the bytes, seed 0. Stable over versions and machines: it is part of the click log's
// format.
uint64_t HashBytes(std::string_view bytes);

// The `counter`-th draw of the stream `seed`, uniform over 64 bits.
constexpr uint64_t RandomBits(uint64_t seed, uint64_t counter) {
  return Mix64(Mix64(seed) ^ (counter * 0xD1342543DE82EF95ull));
}

// Uniform in [0, 1), 53 bits.
constexpr double RandomUniform(uint64_t seed, uint64_t counter) {
  return static_cast<double>(RandomBits(seed, counter) >> 11) * 0x1.0p-53;
}

// Standard normal by Box and Muller from draws 2·counter and 2·counter + 1 of the stream.
double RandomNormal(uint64_t seed, uint64_t counter);

// Uniform in [0, bound), bound > 0 (Lemire 2019, without the rejection step: bias below bound /
// 2^64).
constexpr uint64_t RandomBelow(uint64_t seed, uint64_t counter, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<__uint128_t>(RandomBits(seed, counter)) * bound) >> 64);
}

}  // namespace primacy
