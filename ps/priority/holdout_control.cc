#include "ps/priority/holdout_control.h"

#include <algorithm>

namespace primacy {

double PacedBound(double kept_loss, std::span<const double> path, int64_t evaluation) {
  if (evaluation >= static_cast<int64_t>(path.size())) return kept_loss;
  return std::max(kept_loss, path[evaluation]);
}

HoldoutControl Steer(HoldoutControl control, double loss, double bound, double rate, double gain) {
  const double violation = bound > 0 ? loss / bound - 1 : loss;
  control.integral = std::max(0.0, control.integral + rate * (1 + control.integral) * violation);
  control.lambda = std::max(0.0, control.integral + gain * (1 + control.integral) * violation);
  return control;
}

}  // namespace primacy
