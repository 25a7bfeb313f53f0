// Ranking metrics over scored rows. Sums run in row order in double, so that the
// value does not depend on how rows were spread over workers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace primacy {

// Area under the ROC curve by ranks, ties counted half (Mann and Whitney 1947); rows count with
// their weights. Labels above 0.5 are positive. Rows of weight 0 do not count. Nothing when a class
// is missing. All spans have one entry per row.
std::optional<double> Auc(std::span<const float> scores, std::span<const float> labels,
                          std::span<const float> weights);

struct GroupAuc {
  std::optional<double> value;
  int64_t groups = 0;  // groups that have both classes
};
// Mean of the groups' AUCs weighted by their rows (of weight > 0); groups with one class only are
// left out (Zhou et al. 2018).
GroupAuc Gauc(std::span<const float> scores, std::span<const float> labels,
              std::span<const float> weights, std::span<const uint64_t> groups);

}  // namespace primacy
