#include "worker/model/expert_plan.h"

#include <numeric>

namespace primacy {
namespace {

LevelPlan PlainExperts(const Architecture& architecture) {
  LevelPlan level;
  for (int e = 0; e < architecture.shared_experts; ++e) {
    level.experts.push_back({"expert/" + std::to_string(e)});
  }
  return level;
}

std::vector<int> Range(int begin, int end) {
  std::vector<int> range(static_cast<size_t>(end - begin));
  std::iota(range.begin(), range.end(), begin);
  return range;
}

// Experts: those of task 0, of task 1, …, then the shared ones. Stream t belongs to task t, stream
// T is the shared one.
LevelPlan PleLevel(const Architecture& architecture, const std::vector<InputTask>& tasks,
                   int number) {
  const std::string prefix = "level/" + std::to_string(number) + "/";
  const bool first = number == 0;
  const bool last = number + 1 == architecture.levels;
  const int task_count = static_cast<int>(tasks.size());
  const int shared_begin = task_count * architecture.task_experts;
  const int expert_count = shared_begin + architecture.shared_experts;
  LevelPlan level;
  for (int t = 0; t < task_count; ++t) {
    const int input = first ? 0 : t;
    const int own_begin = t * architecture.task_experts;
    GateNode gate{prefix + "gate/" + tasks[t].name, input,
                  Range(own_begin, own_begin + architecture.task_experts)};
    for (int e = 0; e < architecture.task_experts; ++e) {
      level.experts.push_back(
          {prefix + "expert/" + tasks[t].name + "/" + std::to_string(e), input});
    }
    for (int e = shared_begin; e < expert_count; ++e) gate.experts.push_back(e);
    level.gates.push_back(std::move(gate));
  }
  const int shared_input = first ? 0 : task_count;
  for (int e = 0; e < architecture.shared_experts; ++e) {
    level.experts.push_back({prefix + "shared_expert/" + std::to_string(e), shared_input});
  }
  if (!last) level.gates.push_back({prefix + "shared_gate", shared_input, Range(0, expert_count)});
  return level;
}

// A part belongs to a task when no other task's route has it.
void SetOwners(ExpertPlan& plan) {
  const size_t tasks = plan.tower_input.size();
  std::vector<std::vector<LevelRoute>> routes;
  for (size_t t = 0; t < tasks; ++t) {
    std::vector<bool> alone(tasks, false);
    alone[t] = true;
    routes.push_back(RouteTasks(plan, alone));
  }
  const auto owner = [&](auto reaches) {
    int found = -1;
    for (size_t t = 0; t < tasks; ++t) {
      if (!reaches(routes[t])) continue;
      if (found >= 0) return -1;
      found = static_cast<int>(t);
    }
    return found;
  };
  for (size_t l = 0; l < plan.levels.size(); ++l) {
    for (size_t e = 0; e < plan.levels[l].experts.size(); ++e) {
      plan.levels[l].experts[e].owner =
          owner([&](const auto& route) { return route[l].experts[e]; });
    }
    for (size_t g = 0; g < plan.levels[l].gates.size(); ++g) {
      plan.levels[l].gates[g].owner = owner([&](const auto& route) { return route[l].gates[g]; });
    }
  }
}

}  // namespace

ExpertPlan MakeExpertPlan(const Architecture& architecture, const std::vector<InputTask>& tasks) {
  ExpertPlan plan;
  plan.tower_input.assign(tasks.size(), 0);
  if (architecture.kind == ModelConfig::OMOE) {
    LevelPlan level = PlainExperts(architecture);
    level.gates.push_back({"shared_gate", 0, Range(0, architecture.shared_experts)});
    plan.levels.push_back(std::move(level));
  } else if (architecture.kind == ModelConfig::MMOE) {
    LevelPlan level = PlainExperts(architecture);
    for (const InputTask& task : tasks) {
      level.gates.push_back({"gate/" + task.name, 0, Range(0, architecture.shared_experts)});
    }
    plan.levels.push_back(std::move(level));
  } else if (architecture.kind == ModelConfig::PLE) {
    for (int l = 0; l < architecture.levels; ++l)
      plan.levels.push_back(PleLevel(architecture, tasks, l));
  }
  if (architecture.kind == ModelConfig::MMOE || architecture.kind == ModelConfig::PLE) {
    plan.tower_input = Range(0, static_cast<int>(tasks.size()));
  }
  SetOwners(plan);
  return plan;
}

std::vector<LevelRoute> RouteTasks(const ExpertPlan& plan, const std::vector<bool>& tasks) {
  std::vector<LevelRoute> route(plan.levels.size());
  std::vector<bool> streams;  // that are read above the level
  const auto need = [&streams](int stream) {
    if (streams.size() <= static_cast<size_t>(stream)) streams.resize(stream + 1, false);
    streams[stream] = true;
  };
  for (size_t t = 0; t < tasks.size(); ++t) {
    if (tasks[t]) need(plan.tower_input[t]);
  }
  for (size_t l = plan.levels.size(); l-- > 0;) {
    const LevelPlan& level = plan.levels[l];
    route[l].experts.assign(level.experts.size(), false);
    route[l].gates.assign(level.gates.size(), false);
    const std::vector<bool> read = std::move(streams);
    streams = {};
    for (size_t g = 0; g < read.size(); ++g) {
      if (!read[g]) continue;
      route[l].gates[g] = true;
      need(level.gates[g].input);
      for (const int e : level.gates[g].experts) route[l].experts[e] = true;
    }
    for (size_t e = 0; e < level.experts.size(); ++e) {
      if (route[l].experts[e]) need(level.experts[e].input);
    }
  }
  return route;
}

}  // namespace primacy
