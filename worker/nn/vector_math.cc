#include "worker/nn/vector_math.h"

#include <bit>
#include <cmath>
#include <cstdint>

#include "common/base/vectorize.h"

namespace primacy {
namespace {

// e^x = 2^n e^r with n = round(x / ln 2), so |r| <= ln 2 / 2. Adding and subtracting 1.5 · 2^23
// rounds to an integer, which then also stands in the low bits of the sum. ln 2 is split in two
// (Cody and Waite 1980) so that n · ln 2 is exact; the polynomial is Taylor's.
PRIMACY_IN_LOOP float Exp(float x) {
  constexpr float kRound = 0x1.8p23f;
  x = x < -87.3f ? -87.3f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 0x1.715476p0f + kRound;
  const float n = shifted - kRound;
  const float r = (x - n * 0x1.62ep-1f) - n * 0x1.0bfbe8p-15f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = (p * r) * r + r;
  const uint32_t exponent = (std::bit_cast<uint32_t>(shifted) + 127u) << 23;
  return (p + 1.0f) * std::bit_cast<float>(exponent);
}

// The same in double for x in [-700, 0].
PRIMACY_IN_LOOP double ExpOfNegative(double x) {
  constexpr double kRound = 0x1.8p52;
  x = x < -700.0 ? -700.0 : x;
  const double shifted = x * 0x1.71547652b82fep0 + kRound;
  const double n = shifted - kRound;
  const double r = (x - n * 0x1.62e42fefap-1) - n * 0x1.cf79abc9e3b39p-40;
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = (p * r) * r + r;
  const uint64_t exponent = (std::bit_cast<uint64_t>(shifted) + 1023u) << 52;
  return (p + 1.0) * std::bit_cast<double>(exponent);
}

// log(1 + t) = 2 atanh(s), s = t / (2 + t), for t in [0, 1]: s <= 1/3, so 17 terms of the series
// reach 1e-17.
PRIMACY_IN_LOOP double Log1pOfUnit(double t) {
  const double s = t / (2.0 + t);
  const double z = s * s;
  double sum = 1.0 / 33;
  sum = sum * z + 1.0 / 31;
  sum = sum * z + 1.0 / 29;
  sum = sum * z + 1.0 / 27;
  sum = sum * z + 1.0 / 25;
  sum = sum * z + 1.0 / 23;
  sum = sum * z + 1.0 / 21;
  sum = sum * z + 1.0 / 19;
  sum = sum * z + 1.0 / 17;
  sum = sum * z + 1.0 / 15;
  sum = sum * z + 1.0 / 13;
  sum = sum * z + 1.0 / 11;
  sum = sum * z + 1.0 / 9;
  sum = sum * z + 1.0 / 7;
  sum = sum * z + 1.0 / 5;
  sum = sum * z + 1.0 / 3;
  return 2.0 * s + 2.0 * s * (sum * z);
}

}  // namespace

PRIMACY_VECTORIZED void ExpInPlace(float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = Exp(values[i]);
}

PRIMACY_VECTORIZED void Sigmoid(const float* from, float* to, size_t count) {
  for (size_t i = 0; i < count; ++i) to[i] = 1.0f / (1.0f + Exp(-from[i]));
}

PRIMACY_VECTORIZED void Softplus(const double* from, double* to, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const double x = from[i];
    to[i] = (x > 0 ? x : 0.0) + Log1pOfUnit(ExpOfNegative(-std::fabs(x)));
  }
}

}  // namespace primacy
