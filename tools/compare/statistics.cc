#include "tools/compare/statistics.h"

#include <glog/logging.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace primacy {
namespace {

// Quantiles for 1 to 30 degrees of freedom.
constexpr std::array<double, 30> kStudent = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

}  // namespace

double Mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return values.empty() ? std::numeric_limits<double>::quiet_NaN()
                        : sum / static_cast<double>(values.size());
}

double StandardDeviation(std::span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = Mean(values);
  double squares = 0;
  for (double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double StudentQuantile(int degrees) {
  CHECK_GE(degrees, 1);
  if (degrees <= static_cast<int>(kStudent.size())) return kStudent[degrees - 1];
  // Expansion around the normal quantile to the second order (Abramowitz and Stegun 26.7.5).
  constexpr double z = 1.959964;
  constexpr double z3 = z * z * z;
  const double n = degrees;
  return z + (z3 + z) / (4 * n) + (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * n * n);
}

PairedDifference ComparePaired(std::span<const double> a, std::span<const double> b) {
  CHECK_EQ(a.size(), b.size());
  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  const double mean = Mean(differences);
  if (differences.size() < 2) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return {mean, -kInfinity, kInfinity};
  }
  const double n = static_cast<double>(differences.size());
  const double half = StudentQuantile(static_cast<int>(differences.size()) - 1) *
                      StandardDeviation(differences) / std::sqrt(n);
  return {mean, mean - half, mean + half};
}

}  // namespace primacy
