#include "ps/priority/holdout_control.h"

#include <algorithm>

namespace primacy {

double PacedBound(double kept_loss, std::span<const double> path, int64_t evaluation) {
  if (evaluation >= static_cast<int64_t>(path.size())) return kept_loss;
  return std::max(kept_loss, path[evaluation]);
}

HoldoutControl Steer(HoldoutControl control, double loss, double bound, const HoldoutGains& gains) {
  const double violation = bound > 0 ? loss / bound - 1 : loss;
  const auto within = [&](double value) { return std::clamp(value, 0.0, gains.lambda_max); };
  control.integral = within(control.integral + gains.rate * violation);
  control.lambda = within(control.integral + gains.gain * (1 + control.integral) * violation);
  return control;
}

}  // namespace primacy
