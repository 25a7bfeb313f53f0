#include "common/base/hash.h"

#define XXH_INLINE_ALL  // short texts: the call would cost as much as the hash
#include <xxhash.h>

#include <numbers>

namespace primacy {

uint64_t HashBytes(std::string_view bytes) { return XXH64(bytes.data(), bytes.size(), 0); }

double RandomNormal(uint64_t seed, uint64_t counter) {
  const double u =
      1.0 - RandomUniform(seed, 2 * counter);  // in (0, 1], so that the logarithm is finite
  const double v = RandomUniform(seed, 2 * counter + 1);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace primacy
