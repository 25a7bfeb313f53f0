// Means, spreads and paired differences over seeds.
#pragma once

#include <span>

namespace primacy {

double Mean(std::span<const double> values);
// Sample standard deviation; 0 for fewer than two values.
double StandardDeviation(std::span<const double> values);

// Of the mean: the standard deviation / √n. NaN for fewer than two values.
double StandardError(std::span<const double> values);

// Mean of a[i] − b[i] with its two-sided 95 % interval by Student's t. The interval of one pair is
// infinite.
struct PairedDifference {
  double mean = 0;
  double low = 0;
  double high = 0;
};
PairedDifference ComparePaired(std::span<const double> a, std::span<const double> b);

}  // namespace primacy
