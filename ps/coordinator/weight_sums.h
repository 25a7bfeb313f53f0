// Means of the tasks' weights over updates.
#pragma once

#include <span>
#include <vector>

#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

// weights: [task], of one update.
inline void AddWeights(std::span<const double> weights, WeightSums& sums) {
  sums.mutable_weight()->Resize(static_cast<int>(weights.size()), 0.0);
  for (size_t t = 0; t < weights.size(); ++t)
    sums.set_weight(static_cast<int>(t), sums.weight(static_cast<int>(t)) + weights[t]);
  sums.set_updates(sums.updates() + 1);
}

// [task]; empty before the first update.
inline std::vector<double> MeanWeights(const WeightSums& sums) {
  std::vector<double> means(sums.weight().begin(), sums.weight().end());
  for (double& mean : means) mean /= static_cast<double>(sums.updates());
  return means;
}

}  // namespace primacy
