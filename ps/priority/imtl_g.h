// IMTL-G (Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021): the combination whose
// projections on all tasks' directions u_i = g_i / ‖g_i‖ are equal, with Σ w_i = 1.
//
// With C_ij = ⟨u_i, u_j⟩, equal projections mean C β ∝ 1 for g = Σ β_i u_i, so
//
//     w_i ∝ (C⁻¹ 1)_i / ‖g_i‖
//
// which is the paper's closed form. C gets 1e-10 on its diagonal, so that equal tasks share evenly
// and opposite ones cancel. Weights may be negative; there is no solution where they sum to nothing
// or less: the projections would all be against the tasks.
#pragma once

#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

std::unique_ptr<GramWeighing> MakeImtlG();

}  // namespace primacy
