#include "ps/priority/stage.h"

#include <glog/logging.h>

#include <map>
#include <numeric>

namespace primacy {
namespace {

uint64_t Bits(const std::vector<int>& tasks) {
  uint64_t bits = 0;
  for (int task : tasks) bits |= 1ull << task;
  return bits;
}

std::string JoinNames(const Job& job, const std::vector<int>& tasks) {
  std::string name;
  for (int task : tasks) name += (name.empty() ? "" : "+") + job.task(task).name();
  return name;
}

Stage MakeStage(const Job& job, std::vector<int> objectives, std::vector<double> weights,
                std::vector<std::vector<int>> tiers_above) {
  std::vector<int> constraints;
  for (const std::vector<int>& tier : tiers_above)
    constraints.insert(constraints.end(), tier.begin(), tier.end());
  double sum = 0;
  for (double weight : weights) sum += weight;
  for (double& weight : weights) weight /= sum;
  return {JoinNames(job, objectives), std::move(objectives), std::move(weights),
          std::move(constraints), std::move(tiers_above)};
}

std::vector<Stage> StagesOfTiers(const Job& job) {
  std::map<int, std::vector<int>> tiers;
  for (int task = 0; task < job.task_size(); ++task) tiers[job.task(task).tier()].push_back(task);
  std::vector<Stage> stages;
  std::vector<std::vector<int>> above;
  for (const auto& [tier, tasks] : tiers) {
    stages.push_back(MakeStage(job, tasks, std::vector<double>(tasks.size(), 1.0), above));
    above.push_back(tasks);
  }
  return stages;
}

}  // namespace

uint64_t Stage::active_tasks() const { return Bits(objectives) | Bits(constraints); }
uint64_t Stage::objective_tasks() const { return Bits(objectives); }

std::vector<Stage> MakeStages(const Job& job) {
  switch (job.priority().method()) {
    case PriorityConfig::NMT:
      return StagesOfTiers(job);
    case PriorityConfig::SINGLE:
      for (int task = 0; task < job.task_size(); ++task) {
        if (job.task(task).name() == job.priority().single_task())
          return {MakeStage(job, {task}, {1.0}, {})};
      }
      LOG(FATAL) << "priority.single_task was not checked: " << job.priority().single_task();
    case PriorityConfig::WEIGHTED: {
      std::vector<int> tasks;
      std::vector<double> weights;
      for (int task = 0; task < job.task_size(); ++task) {
        if (job.priority().weight(task) == 0) continue;
        tasks.push_back(task);
        weights.push_back(job.priority().weight(task));
      }
      return {MakeStage(job, tasks, weights, {})};
    }
    default: {
      std::vector<int> tasks(static_cast<size_t>(job.task_size()));
      std::iota(tasks.begin(), tasks.end(), 0);
      return {MakeStage(job, tasks, std::vector<double>(tasks.size(), 1.0), {})};
    }
  }
}

}  // namespace primacy
