#include "ps/priority/candidate.h"

#include <algorithm>

namespace primacy {

Candidate JudgeCandidate(const Stage& stage, std::span<const double> kept_loss,
                         const EvaluateResult& holdout) {
  Candidate candidate;
  double objective = 0;
  for (size_t i = 0; i < stage.objectives.size(); ++i) {
    objective += stage.weights[i] * holdout.task(stage.objectives[i]).loss();
  }
  double violation = 0;
  for (int task : stage.constraints) {
    violation = std::max(violation, holdout.task(task).loss() - kept_loss[task]);
  }
  candidate.set_objective(objective);
  candidate.set_violation(violation);
  candidate.set_feasible(violation <= 0);
  *candidate.mutable_holdout() = holdout;
  return candidate;
}

bool IsBetter(const Candidate& candidate, const Candidate& best) {
  if (candidate.feasible() != best.feasible()) return candidate.feasible();
  if (candidate.feasible()) return candidate.objective() < best.objective();
  return candidate.violation() < best.violation();
}

}  // namespace primacy
