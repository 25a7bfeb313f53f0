#include <algorithm>
#include <cmath>
#include <numbers>

#include "ps/optimizer/optimizer.h"

namespace primacy {

double ScheduleFactor(const Schedule& schedule, Step step) {
  if (step < schedule.warmup_steps()) {
    return static_cast<double>(step + 1) / static_cast<double>(schedule.warmup_steps());
  }
  if (schedule.decay() == Schedule::CONSTANT) return 1;

  // Decay steps done, in units of decay_steps.
  const double progress = static_cast<double>(step - schedule.warmup_steps()) /
                          static_cast<double>(schedule.decay_steps());
  const double reached = std::min(1.0, progress);
  const double last = schedule.final_factor();
  switch (schedule.decay()) {
    case Schedule::CONSTANT:
      break;
    case Schedule::LINEAR:
      return 1 + (last - 1) * reached;
    case Schedule::COSINE:
      return last + (1 - last) * 0.5 * (1 + std::cos(std::numbers::pi * reached));
    case Schedule::EXPONENTIAL:
      return std::pow(last, progress);
    case Schedule::INVERSE_SQRT:
      return 1 / std::sqrt(1 + progress);
  }
  return 1;
}

double Rate(const OptimizerConfig& config, const UpdateFactors& update) {
  return config.learning_rate() * (ScheduleFactor(config.schedule(), update.step) * update.rate);
}

}  // namespace primacy
