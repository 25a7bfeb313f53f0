// What one stage of a job optimises, and under which constraints.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/config/job.pb.h"

namespace primacy {

struct Stage {
  std::string name;                           // names of the objectives, joined by "+"
  std::vector<int> objectives;                // tasks whose loss is minimised
  std::vector<double> weights;                // of the objectives, sum 1
  std::vector<int> constraints;               // tasks of the tiers above, which must not get worse
  std::vector<std::vector<int>> tiers_above;  // the same, tier by tier from the top

  // Bit t for every objective and constraint.
  uint64_t active_tasks() const;
  uint64_t objective_tasks() const;
};

// The stages of a checked job. NMT: one per tier, from the top; the other methods: one. Where a
// method finds the weights itself its stage has all tasks, judged by equal ones.
std::vector<Stage> MakeStages(const Job& job);

}  // namespace primacy
