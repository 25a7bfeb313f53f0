#include "ps/optimizer/optimizer.h"

#include <cmath>

#include "common/base/strings.h"
#include "ps/optimizer/adagrad.h"
#include "ps/optimizer/adam.h"
#include "ps/optimizer/rowwise_adagrad.h"
#include "ps/optimizer/sgd.h"

namespace primacy {
namespace {

Status Wrong(const std::string& field, const char* name, const char* must, double value) {
  return UsageError(Format("%s.%s must be %s, not %g", field.c_str(), name, must, value));
}

// Comparisons are written so that NaN fails them.
bool IsNotNegative(double value) { return value >= 0 && std::isfinite(value); }

Status CheckSchedule(const Schedule& schedule, const std::string& field) {
  if (schedule.warmup_steps() < 0) {
    return Wrong(field, "schedule.warmup_steps", "0 or more",
                 static_cast<double>(schedule.warmup_steps()));
  }
  if (schedule.decay() == Schedule::CONSTANT) return Ok();
  if (schedule.decay_steps() <= 0) {
    return Wrong(field, "schedule.decay_steps", "above 0 with this decay",
                 static_cast<double>(schedule.decay_steps()));
  }
  const double last = schedule.final_factor();
  if (schedule.decay() == Schedule::EXPONENTIAL) {
    if (!(last > 0 && last <= 1)) {
      return Wrong(field, "schedule.final_factor", "above 0 and at most 1 with EXPONENTIAL", last);
    }
  } else if (!(last >= 0 && last <= 1)) {
    return Wrong(field, "schedule.final_factor", "between 0 and 1", last);
  }
  return Ok();
}

Status CheckConfig(const OptimizerConfig& config, const std::string& field) {
  if (!config.has_kind()) return UsageError(field + ".kind must be set");
  if (!config.has_learning_rate()) return UsageError(field + ".learning_rate must be set");
  if (!(config.learning_rate() > 0 && std::isfinite(config.learning_rate()))) {
    return Wrong(field, "learning_rate", "above 0", config.learning_rate());
  }
  // Zero (as a float) would divide zero by zero where a gradient has been zero so far.
  if (config.has_epsilon() &&
      !(static_cast<float>(config.epsilon()) > 0 && std::isfinite(config.epsilon()))) {
    return Wrong(field, "epsilon", "above 0", config.epsilon());
  }
  if (!(config.beta1() >= 0 && config.beta1() < 1)) {
    return Wrong(field, "beta1", "at least 0 and below 1", config.beta1());
  }
  if (!(config.beta2() >= 0 && config.beta2() < 1)) {
    return Wrong(field, "beta2", "at least 0 and below 1", config.beta2());
  }
  if (!IsNotNegative(config.initial_accumulator())) {
    return Wrong(field, "initial_accumulator", "0 or more", config.initial_accumulator());
  }
  if (!IsNotNegative(config.l2())) return Wrong(field, "l2", "0 or more", config.l2());
  return CheckSchedule(config.schedule(), field);
}

}  // namespace

Result<std::unique_ptr<Optimizer>> MakeOptimizer(const OptimizerConfig& config,
                                                 const std::string& field) {
  PRIMACY_TRY(CheckConfig(config, field));
  switch (config.kind()) {
    case OptimizerConfig::SGD:
      return MakeSgd(config);
    case OptimizerConfig::ADAGRAD:
      return MakeAdagrad(config);
    case OptimizerConfig::ROWWISE_ADAGRAD:
      return MakeRowwiseAdagrad(config);
    case OptimizerConfig::ADAM:
      return MakeAdam(config);
  }
  return UsageError(field + ".kind is not a known optimizer");
}

}  // namespace primacy
