// PE-LTR (Lin et al., "A Pareto-Efficient Algorithm for Multiple Objective Optimization in
// E-Commerce Recommendation", RecSys 2019): the smallest norm, with a least weight for every task:
//
//     w = argmin ‖Σ w_i g_i‖²   over   w_i >= c_i, Σ w_i = 1
//
// The paper solves it without the floors and projects; here the problem is solved as it stands.
#pragma once

#include <memory>
#include <vector>

#include "ps/priority/gram_weighing.h"

namespace primacy {

// floors: per task of the job, Σ <= 1. In an update where tasks are missing theirs are not used.
std::unique_ptr<GramWeighing> MakePeLtr(std::vector<double> floors);

}  // namespace primacy
