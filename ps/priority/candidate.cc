#include "ps/priority/candidate.h"

#include <algorithm>
#include <limits>

#include "common/config/job_config.h"

namespace primacy {
namespace {

double Excess(const EvaluateResult& holdout, std::span<const double> allowed, int task) {
  return std::max(0.0, holdout.task(task).loss() - allowed[task]);
}

double WorstExcess(const EvaluateResult& holdout, std::span<const double> allowed,
                   const std::vector<int>& tasks) {
  double worst = 0;
  for (int task : tasks) worst = std::max(worst, Excess(holdout, allowed, task));
  return worst;
}

}  // namespace

std::vector<double> AllowedLosses(std::span<const double> bounds, const Job& job) {
  std::vector<double> allowed(bounds.begin(), bounds.end());
  for (size_t task = 0; task < allowed.size(); ++task) {
    allowed[task] *= 1 + SlackOf(job, static_cast<int>(task));
  }
  return allowed;
}

std::vector<double> AimedShares(const Job& job) {
  std::vector<double> shares;
  for (int task = 0; task < job.task_size(); ++task) {
    shares.push_back(1 + std::max(0.0, SlackOf(job, task) - job.priority().slack()));
  }
  return shares;
}

Candidate JudgeCandidate(const Stage& stage, std::span<const double> allowed,
                         const EvaluateResult& holdout) {
  Candidate candidate;
  double objective = 0;
  for (size_t i = 0; i < stage.objectives.size(); ++i) {
    objective += stage.weights[i] * holdout.task(stage.objectives[i]).loss();
  }
  const double violation = WorstExcess(holdout, allowed, stage.constraints);
  candidate.set_objective(objective);
  candidate.set_violation(violation);
  candidate.set_feasible(violation <= 0);
  *candidate.mutable_holdout() = holdout;
  return candidate;
}

bool IsBetter(const Stage& stage, std::span<const double> allowed, const Candidate& candidate,
              const Candidate& best) {
  for (const std::vector<int>& tier : stage.tiers_above) {
    const double excess = WorstExcess(candidate.holdout(), allowed, tier);
    const double best_excess = WorstExcess(best.holdout(), allowed, tier);
    if (excess != best_excess) return excess < best_excess;
  }
  return candidate.objective() < best.objective();
}

bool NoteLowest(const Stage& stage, const Candidate& candidate, LowestLosses& lowest) {
  const EvaluateResult& holdout = candidate.holdout();
  const bool first = !lowest.has_objective();
  while (lowest.task_size() < holdout.task_size())
    lowest.add_task(std::numeric_limits<double>::infinity());
  bool lower = first || candidate.objective() < lowest.objective();
  if (lower) lowest.set_objective(candidate.objective());
  for (int task : stage.constraints) {
    const double loss = holdout.task(task).loss();
    if (loss >= lowest.task(task)) continue;
    lowest.set_task(task, loss);
    lower = true;
  }
  return lower;
}

}  // namespace primacy
