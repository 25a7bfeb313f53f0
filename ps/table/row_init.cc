#include "ps/table/row_init.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/base/hash.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

// Pairs of normal numbers made at a time: enough to fill vectors, few enough for the first-level
// cache.
constexpr size_t kPairs = 512;

// The 64 bits of draw i, in halves: the finaliser of SplitMix64 (Steele et al. 2014) over
// counters[i].
PRIMACY_VECTORIZED void MixAll(size_t count, const uint64_t* __restrict counters,
                               uint32_t* __restrict high, uint32_t* __restrict low) {
  for (size_t i = 0; i < count; ++i) {
    uint64_t x = counters[i];
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
    x ^= x >> 31;
    high[i] = static_cast<uint32_t>(x >> 32);
    low[i] = static_cast<uint32_t>(x);
  }
}

// normals[2i], normals[2i + 1] from the bits high[i], low[i].
PRIMACY_VECTORIZED void BoxMuller(size_t count, float stddev, const uint32_t* __restrict high,
                                  const uint32_t* __restrict low, float* __restrict normals) {
  for (size_t i = 0; i < count; ++i) {
    // u in (0, 1], 24 bits; u = m · 2^e with m in [√½, √2).
    const float u = (static_cast<float>(static_cast<int32_t>(high[i] >> 8)) + 1.0f) * 0x1p-24f;
    const uint32_t shifted = std::bit_cast<uint32_t>(u) + (0x3F800000u - 0x3F3504F3u);
    const float e = static_cast<float>(static_cast<int32_t>(shifted >> 23) - 127);
    const float x = std::bit_cast<float>((shifted & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
    // ln(1 + x), coefficients of logf in S. L. Moshier's Cephes library.
    const float xx = x * x;
    float p = 7.0376836292e-2f;
    p = p * x - 1.1514610310e-1f;
    p = p * x + 1.1676998740e-1f;
    p = p * x - 1.2420140846e-1f;
    p = p * x + 1.4249322787e-1f;
    p = p * x - 1.6668057665e-1f;
    p = p * x + 2.0000714765e-1f;
    p = p * x - 2.4999993993e-1f;
    p = p * x + 3.3333331174e-1f;
    float ln = p * x * xx - 2.12194440e-4f * e - 0.5f * xx;
    ln = (x + ln) + 0.693359375f * e;
    const float radius = std::sqrt(std::max(0.0f, -2.0f * ln)) * stddev;

    // An angle in [-π/4, π/4] by Taylor's series; two more bits swap the coordinates and turn the
    // long one around, which together is a uniform direction.
    const float a =
        static_cast<float>(static_cast<int32_t>(low[i] & ~3u)) * (0x1p-32f * 1.5707963267948966f);
    const float aa = a * a;
    const float sine = a * (1.0f + aa * (-1.0f / 6 + aa * (1.0f / 120 + aa * (-1.0f / 5040))));
    const float cosine =
        1.0f + aa * (-0.5f + aa * (1.0f / 24 + aa * (-1.0f / 720 + aa * (1.0f / 40320))));
    const uint32_t s = std::bit_cast<uint32_t>(sine);
    const uint32_t c = std::bit_cast<uint32_t>(cosine) ^ (low[i] << 31);
    const uint32_t swap = (s ^ c) & (0u - ((low[i] >> 1) & 1u));
    normals[2 * i] = radius * std::bit_cast<float>(c ^ swap);
    normals[2 * i + 1] = radius * std::bit_cast<float>(s ^ swap);
  }
}

}  // namespace

void InitialRows(uint64_t seed, float stddev, size_t dim, std::span<const Key> keys,
                 float* const* rows) {
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15ull;  // SplitMix64's increment
  uint64_t counters[kPairs];
  uint32_t high[kPairs];
  uint32_t low[kPairs];
  float normals[2 * kPairs];

  const size_t pairs = (dim + 1) / 2;
  if (pairs <= kPairs) {
    // Several keys at a time.
    const size_t keys_at_once = kPairs / pairs;
    for (size_t begin = 0; begin < keys.size(); begin += keys_at_once) {
      const size_t count = std::min(keys_at_once, keys.size() - begin);
      for (size_t k = 0; k < count; ++k) {
        const uint64_t stream = HashCombine(seed, keys[begin + k]);
        for (size_t j = 0; j < pairs; ++j) counters[k * pairs + j] = stream + (j + 1) * kGolden;
      }
      MixAll(count * pairs, counters, high, low);
      BoxMuller(count * pairs, stddev, high, low, normals);
      for (size_t k = 0; k < count; ++k) {
        std::copy_n(normals + k * 2 * pairs, dim, rows[begin + k]);
      }
    }
    return;
  }
  for (size_t k = 0; k < keys.size(); ++k) {
    const uint64_t stream = HashCombine(seed, keys[k]);
    for (size_t begin = 0; begin < pairs; begin += kPairs) {
      const size_t count = std::min(kPairs, pairs - begin);
      for (size_t j = 0; j < count; ++j) counters[j] = stream + (begin + j + 1) * kGolden;
      MixAll(count, counters, high, low);
      BoxMuller(count, stddev, high, low, normals);
      std::copy_n(normals, std::min(2 * count, dim - 2 * begin), rows[k] + 2 * begin);
    }
  }
}

}  // namespace primacy
