// MGDA: the multiple-gradient descent algorithm (Désidéri 2012) as Sener and Koltun use it for
// multi-task learning (arXiv 1810.04650). The update is the point of smallest norm in the convex
// hull of the gradients, unscaled:
//
//     w = argmin ‖Σ w_i g_i‖²   over   w_i >= 0, Σ w_i = 1
//
// No task's loss grows along it, to first order; where it is 0 no direction serves all tasks.
#pragma once

#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

std::unique_ptr<GramWeighing> MakeMgda();

}  // namespace primacy
