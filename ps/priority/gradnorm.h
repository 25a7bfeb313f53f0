// GradNorm (Chen et al., arXiv 1711.02257): weights such that the tasks' weighed gradients have
// norms that follow how fast each learns. With r_i = (L_i / L_i⁰) / mean_j (L_j / L_j⁰), L_i⁰ the
// first loss seen, and m the mean of w_j ‖g_j‖:
//
//     minimise  Σ |w_i ‖g_i‖ − m r_i^α|  over the weights, m r_i^α held,  by one gradient step
//
// The paper keeps Σ w_i = n by dividing after each step; here w = n · softmax(v) and v moves, so
// that weights stay positive, and the objective is divided by m, so that the rate does not depend
// on the gradients' scale. The norm is that of all shared parameters.
#pragma once

#include <memory>
#include <vector>

#include "ps/priority/gram_weighing.h"

namespace primacy {

// saved: [v of each task, L⁰ of each task (0: not seen yet)]; empty: from the start. rate: of v.
std::unique_ptr<GramWeighing> MakeGradnorm(int tasks, double alpha, double rate,
                                           std::vector<double> saved);

}  // namespace primacy
