// The mixture of experts: each gate's output is the sum of its experts' outputs weighted by its
// probabilities.
#pragma once

#include <span>
#include <vector>

#include "worker/nn/matrix.h"

namespace primacy {

// One gate: where its probabilities are, which experts they weigh, and where its output goes.
// Columns are those of the matrices given to the functions below; an expert e fills columns [e ·
// width, (e + 1) · width) of the experts' matrix.
struct Gate {
  size_t probability_column = 0;
  std::vector<int> experts;  // one probability each
  size_t output_column = 0;
};

// output[:, g] = Σ_j p[:, g_j] · experts[:, expert j of g] for each gate g in `gates`.
// probabilities [rows, *], experts [rows, experts · width] of floats or bfloat16, output [rows,
// gates · width].
void MixForward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                ConstOperand experts, Matrix output);

// The gradients of the probabilities of `gates` and of all experts (0 for those that none of the
// gates reads), both overwritten, from those of the gates' outputs.
void MixBackward(std::span<const Gate> gates, size_t width, ConstMatrix probabilities,
                 ConstOperand experts, ConstMatrix output_gradient, Matrix probability_gradient,
                 Matrix expert_gradient);

}  // namespace primacy
