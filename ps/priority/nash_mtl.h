// Nash-MTL (Navon et al., "Multi-Task Learning as a Bargaining Game", arXiv 2202.01017): the
// tasks' bargaining solution, the positive weights with
//
//     (G w)_i = 1 / w_i   for every task,   G divided by its Frobenius norm
//
// It is the minimum of the strictly convex ½ wᵀ G w − Σ log w_i and is found by damped Newton steps
// from w_i = G_ii^(−½), until w_i (G w)_i is within 1e-9 of 1 for all tasks. (The paper's own code
// takes a sequence of convex problems and limits the update's norm; that limit is left to
// training.clip_norm.) There is no solution where positive weights cancel all gradients: 200 steps
// tell.
#pragma once

#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

std::unique_ptr<GramWeighing> MakeNashMtl();

}  // namespace primacy
