// Weights of the tasks' gradients that follow from their Gram matrix: g = Σ w_i g_i over the shared
// parameters. Each method sees T numbers and T x T products and no parameter, so it does not
// matter on how many servers they lie.
#pragma once

#include <optional>
#include <vector>

#include "common/protocol/ids.h"
#include "ps/priority/square_matrix.h"

namespace primacy {

// One update. Only the tasks that take part are listed: those with labels in it and a gradient
// other than 0; two at least.
struct GramProblem {
  Step step = 0;               // number of the update within its stage
  std::vector<int> tasks;      // [n], rising
  std::vector<double> losses;  // [n] means
  SquareMatrix gram;           // [n, n] ⟨g_i, g_j⟩; finite, the diagonal above 0
};

// Not thread safe.
class GramWeighing {
 public:
  virtual ~GramWeighing() = default;

  // [n] weights of problem.tasks; nothing when the solver did not converge.
  virtual std::optional<std::vector<double>> Solve(const GramProblem& problem) = 0;
  // What Solve remembers from update to update, for checkpoints; empty: nothing.
  virtual std::vector<double> Saved() const { return {}; }
};

}  // namespace primacy
