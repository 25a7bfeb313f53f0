#include "ps/priority/holdout_control.h"

#include <algorithm>

namespace primacy {

double Violation(double loss, double bound, double paced_bound) {
  const auto beyond = [&](double limit) { return limit > 0 ? loss / limit - 1 : loss; };
  if (loss > paced_bound) return beyond(paced_bound);
  return loss < bound ? beyond(bound) : 0;
}

HoldoutControl Steer(HoldoutControl control, double violation, const HoldoutGains& gains) {
  const auto within = [&](double value) {
    return std::clamp(value, gains.lambda_min, gains.lambda_max);
  };
  control.integral = within(control.integral + gains.rate * violation);
  control.lambda = within(control.integral + gains.gain * (1 + control.integral) * violation);
  return control;
}

}  // namespace primacy
