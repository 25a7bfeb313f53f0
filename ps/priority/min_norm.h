// The point of smallest norm in the convex hull of gradients, by their Gram matrix.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ps/priority/square_matrix.h"

namespace primacy {

// argmin ‖Σ w_i g_i‖² over w_i >= floors[i], Σ w_i = 1, by pairwise Frank-Wolfe steps: weight moves
// from the task with the largest ⟨g_i, g⟩ to the one with the smallest, as far as the line has its
// minimum. Starts from equal shares of what the floors leave, so equal tasks keep equal weights.
//
// Done when Frank and Wolfe's gap, which bounds the excess over the minimum, is at most 1e-9 of the
// value itself or 1e-14 of the largest ‖g_i‖²; nothing when 1,000 + 100 n² steps were not enough.
// REQUIRES: Σ floors <= 1.
std::optional<std::vector<double>> MinNormWeights(const SquareMatrix& gram,
                                                  std::span<const double> floors);

}  // namespace primacy
