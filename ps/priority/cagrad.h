// CAGrad (Liu et al., "Conflict-Averse Gradient Descent for Multi-task Learning",
// arXiv 2110.14048): of all updates within c ‖g_0‖ of the mean gradient g_0, the one whose worst
// task gains most. By its dual over the simplex, with g_w = Σ w_i g_i:
//
//     w = argmin ⟨g_w, g_0⟩ + c ‖g_0‖ ‖g_w‖
//     g = (g_0 + c ‖g_0‖ g_w / ‖g_w‖) / (1 + c²)
//
// Solved by pairwise Frank-Wolfe steps with exact line search, until Frank and Wolfe's gap is at
// most 1e-9 ‖g_0‖ max ‖g_i‖. Where the mean gradient or g_w is 0 there is no gain to choose by: the
// update is g_0 / (1 + c²).
#pragma once

#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

// c in [0, 1): 0 is the mean gradient.
std::unique_ptr<GramWeighing> MakeCagrad(double c);

}  // namespace primacy
