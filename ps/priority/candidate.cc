#include "ps/priority/candidate.h"

#include <algorithm>
#include <limits>

#include "common/config/job_config.h"
#include "ps/priority/loss_path.h"

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

// Weighted sum of loss(task) over the objectives.
template <typename Loss>
double Objective(const Stage& stage, Loss loss) {
  double objective = 0;
  for (size_t i = 0; i < stage.objectives.size(); ++i) {
    objective += stage.weights[i] * loss(stage.objectives[i]);
  }
  return objective;
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
  const double violation = WorstExcess(holdout, allowed, stage.constraints);
  candidate.set_objective(Objective(stage, [&](int task) { return holdout.task(task).loss(); }));
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

bool ReachesNewLow(const Stage& stage, const google::protobuf::RepeatedPtrField<LossPath>& before,
                   const Candidate& candidate) {
  const int evaluations = before[stage.objectives.front()].loss_size();
  double lowest = std::numeric_limits<double>::infinity();
  for (int n = 0; n < evaluations; ++n) {
    lowest = std::min(lowest, Objective(stage, [&](int task) { return before[task].loss(n); }));
  }
  if (candidate.objective() < lowest) return true;
  return std::any_of(stage.constraints.begin(), stage.constraints.end(), [&](int task) {
    const std::span<const double> losses = Losses(before[task]);
    const auto low = std::min_element(losses.begin(), losses.end());
    return low == losses.end() || candidate.holdout().task(task).loss() < *low;
  });
}

}  // namespace primacy
