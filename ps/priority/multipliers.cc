#include "ps/priority/multipliers.h"

#include <glog/logging.h>

#include <algorithm>

namespace primacy {

Multipliers::Multipliers(const Stage& stage, std::vector<double> bounds, double rate,
                         MultiplierState state)
    : stage_(stage), bounds_(std::move(bounds)), rate_(rate), state_(std::move(state)) {
  CHECK_EQ(bounds_.size(), state_.lambda.size());
}

std::vector<double> Multipliers::Weights() const {
  double sum = 1;
  for (int task : stage_.constraints) sum += state_.lambda[task];
  std::vector<double> weights(state_.lambda.size(), 0.0);
  for (size_t i = 0; i < stage_.objectives.size(); ++i) {
    weights[stage_.objectives[i]] = stage_.weights[i] / sum;
  }
  for (int task : stage_.constraints) weights[task] = state_.lambda[task] / sum;
  return weights;
}

void Multipliers::Observe(std::span<const double> losses, const std::vector<bool>& has_loss) {
  ++state_.version;
  for (int task : stage_.constraints) {
    if (!has_loss[task]) continue;
    double& lambda = state_.lambda[task];
    lambda = std::max(0.0, lambda + rate_ * (losses[task] - bounds_[task]));
  }
}

double MultiplierRate(const PriorityConfig& priority, int64_t batch_rows) {
  if (priority.signal() != PriorityConfig::TRAIN) return 0;
  return priority.lambda_rate() * static_cast<double>(batch_rows) / 512.0;
}

MultiplierState InitialMultipliers(const Stage& stage, int tasks, double lambda_start) {
  MultiplierState state{std::vector<double>(static_cast<size_t>(tasks), 0.0), 0};
  const size_t tiers = stage.tiers_above.size();
  for (size_t tier = 0; tier < tiers; ++tier) {
    const double way_down = static_cast<double>(tier) / static_cast<double>(tiers);
    const double lambda = lambda_start - way_down * std::max(0.0, lambda_start - 1);
    for (int task : stage.tiers_above[tier]) state.lambda[task] = lambda;
  }
  return state;
}

}  // namespace primacy
