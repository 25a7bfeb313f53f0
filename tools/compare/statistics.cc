#include "tools/compare/statistics.h"

#include <glog/logging.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/base/student.h"

namespace primacy {

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

double StandardError(std::span<const double> values) {
  if (values.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  return StandardDeviation(values) / std::sqrt(static_cast<double>(values.size()));
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
  const double half = StudentQuantile(static_cast<int64_t>(differences.size()) - 1) *
                      StandardDeviation(differences) / std::sqrt(n);
  return {mean, mean - half, mean + half};
}

}  // namespace primacy
