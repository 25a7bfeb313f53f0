// MetaBalance (He et al., arXiv 2203.06801): auxiliary gradients are brought towards the size of
// the target's. With m_i the moving mean of ‖g_i‖, m ← β m + (1 − β) ‖g‖, and task t the target:
//
//     w_i = r · m_t / m_i + (1 − r)   for i ≠ t,   w_t = 1
//
// The target is the job's first task, its highest priority. The paper takes the norms tensor by
// tensor; here they are those of all shared parameters. A task without labels in an update keeps
// its m; until the target was seen all weights are 1.
#pragma once

#include <memory>
#include <vector>

#include "ps/priority/gram_weighing.h"

namespace primacy {

// saved: m of each task; empty: from the start.
std::unique_ptr<GramWeighing> MakeMetabalance(int tasks, double r, double beta,
                                              std::vector<double> saved);

}  // namespace primacy
