#include "common/base/student.h"

#include <glog/logging.h>

#include <array>

namespace primacy {
namespace {

// For 1 to 30 degrees of freedom.
constexpr std::array<double, 30> kQuantiles = {
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
    2.262157,  2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905,
    2.109816,  2.100922, 2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899,
    2.059539,  2.055529, 2.051831, 2.048407, 2.045230, 2.042272};

}  // namespace

double StudentQuantile(int64_t degrees) {
  CHECK_GE(degrees, 1);
  if (degrees <= static_cast<int64_t>(kQuantiles.size()))
    return kQuantiles[static_cast<size_t>(degrees - 1)];
  // Expansion around the normal quantile to the third order (Abramowitz and Stegun 26.7.5).
  constexpr double z = 1.959963985;
  constexpr double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  const double n = static_cast<double>(degrees);
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

}  // namespace primacy
