// Which experts and gates a model has, what each reads, and which of them a set of tasks needs: the
// wiring between the bottom and the towers, without any arithmetic.
//
// Between levels run *streams*, matrices [rows, width]. Stream 0 below the first level is the
// bottom's output. Gate g of a level writes stream g above it; the towers read the streams above
// the last level.
//
//   OMOE  one level, experts under one gate                           (the one-gate model of Ma et
//   al. 2018) MMOE  one level, experts under one gate per task                  (Ma et al. 2018)
//   PLE   levels of task experts and shared experts; a task's gate mixes its own and the shared
//   experts; below the last
//         level a shared gate mixes all of them, for the shared experts of the next level (Tang et
//         al. 2020)
#pragma once

#include <string>
#include <vector>

#include "worker/model/architecture.h"

namespace primacy {

struct ExpertNode {
  std::string name;
  int input = 0;   // stream it reads
  int owner = -1;  // the only task whose loss reaches it, or -1
};

struct GateNode {
  std::string name;
  int input = 0;
  std::vector<int> experts;  // of its level
  int owner = -1;
};

struct LevelPlan {
  std::vector<ExpertNode> experts;
  std::vector<GateNode> gates;
};

struct ExpertPlan {
  std::vector<LevelPlan> levels;  // from the bottom up; none for SHARED_BOTTOM
  std::vector<int> tower_input;   // [task] stream its tower reads
};

// Names: OMOE and MMOE have expert/E, PLE level/L/expert/TASK/E and level/L/shared_expert/E; gates
// are gate/TASK and shared_gate, in PLE behind level/L/.
ExpertPlan MakeExpertPlan(const Architecture& architecture, const std::vector<InputTask>& tasks);

// The parts of one level that a set of tasks needs.
struct LevelRoute {
  std::vector<bool> experts;
  std::vector<bool> gates;
};

// [level]. A task that is not in the set contributes nothing.
std::vector<LevelRoute> RouteTasks(const ExpertPlan& plan, const std::vector<bool>& tasks);

}  // namespace primacy
