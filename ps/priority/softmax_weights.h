// Positive weights from free numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace primacy {

// sum · softmax(logits).
inline std::vector<double> SoftmaxWeights(std::span<const double> logits, double sum) {
  std::vector<double> weights(logits.begin(), logits.end());
  if (weights.empty()) return weights;
  const double largest = *std::max_element(weights.begin(), weights.end());
  double total = 0;
  for (double& weight : weights) total += weight = std::exp(weight - largest);
  for (double& weight : weights) weight *= sum / total;
  return weights;
}

}  // namespace primacy
