// EMTL (Yuan and Zhang, "Equitable Multi-task Learning", arXiv 2306.09373), RECONSTRUCTED. From the
// paper's text: a task's relative contribution is its loss over its raw gradient's norm,
// c_i = L_i / ‖g_i‖, and its variance over the tasks is added as a regulariser, so that the
// contributions come closer. The update is ours: with the norms held, the variance's gradient is
// 2/n Σ (c_i − c̄) g_i / ‖g_i‖, and in units that do not depend on the scale of losses or gradients
//
//     w_i = max(0, 1 + ρ · (c_i / c̄ − 1) · ḡ / ‖g_i‖)      c̄, ḡ: means of c_i and ‖g_i‖
#pragma once

#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

// rho: weight of the regulariser, 0 for the plain sum.
std::unique_ptr<GramWeighing> MakeEmtl(double rho);

}  // namespace primacy
