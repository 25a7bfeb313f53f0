#include "ps/priority/effective_tasks.h"

#include <vector>

#include "ps/priority/multipliers.h"

namespace primacy {

double EffectiveTasks(std::span<const double> weights) {
  double sum = 0;
  double squares = 0;
  for (double weight : weights) {
    sum += weight;
    squares += weight * weight;
  }
  return sum * sum / squares;
}

double TableRate(const Job& job, const Stage& stage, double lambda_start) {
  if (!job.training().rate_by_tasks()) return 1;
  const MultiplierState start = InitialMultipliers(stage, job.task_size(), lambda_start);
  const Multipliers multipliers(stage, std::vector<double>(start.lambda.size()), 0, start);
  return EffectiveTasks(multipliers.Weights());
}

}  // namespace primacy
