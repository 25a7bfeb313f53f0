// PCGrad (Yu et al., "Gradient Surgery for Multi-Task Learning", arXiv 2001.06782): each task's
// gradient loses its part against every other task's, one after the other in random order, and the
// results are summed:
//
//     for each i:  p_i = g_i;  for j ≠ i in random order:  if ⟨p_i, g_j⟩ < 0:
//                                                   p_i −= ⟨p_i, g_j⟩ / ‖g_j‖² · g_j
//     g = Σ p_i
//
// p_i stays a combination of gradients, so the Gram matrix is enough. The order comes from
// hash(seed, step, task).
#pragma once

#include <cstdint>
#include <memory>

#include "ps/priority/gram_weighing.h"

namespace primacy {

std::unique_ptr<GramWeighing> MakePcgrad(uint64_t seed);

}  // namespace primacy
