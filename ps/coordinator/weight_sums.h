// Sums and means of what updates have for each task.
#pragma once

#include <span>
#include <vector>

#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

// values: [task]. No sums: zeros.
inline void AddTo(google::protobuf::RepeatedField<double>& sums, std::span<const double> values) {
  sums.Resize(static_cast<int>(values.size()), 0.0);
  for (size_t t = 0; t < values.size(); ++t) sums[static_cast<int>(t)] += values[t];
}

// weights: [task], of one update.
inline void AddWeights(std::span<const double> weights, WeightSums& sums) {
  AddTo(*sums.mutable_weight(), weights);
  sums.set_updates(sums.updates() + 1);
}

// [task]; empty before the first update.
inline std::vector<double> MeanWeights(const WeightSums& sums) {
  std::vector<double> means(sums.weight().begin(), sums.weight().end());
  for (double& mean : means) mean /= static_cast<double>(sums.updates());
  return means;
}

}  // namespace primacy
