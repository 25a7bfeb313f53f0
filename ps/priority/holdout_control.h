// Multipliers that follow the hold-out slice: once per evaluation, by a PI controller.
//
// The plain ascent of multipliers.h reads the violation off the train batches. Where a log is read
// more than once that signal fails twice: a fresh stage violates its bounds for as long as it has
// not learnt anything yet, which winds the multipliers up, and in the end it meets them by learning
// rows by heart. So the violation is read off the hold-out slice, on which models are chosen
// anyway, relative to a paced bound:
//
//     v   = L / b(n) − 1   above b(n), the bound at the stage's n-th evaluation (loss_path.h)
//           L / b − 1      below the bound b
//           0              between the two
//     m  ← m + rate · v
//     λ   = m + gain · (1 + m) · v          both held between a least and a largest multiplier
//
// A stage is thus not asked to be further than the task's own stage was at the same point, and for
// being ahead of it a multiplier does not fall: a stage that learns faster than the one before
// would give its room away on the way. In the end it must not be worse than what was kept. Where
// that is of a stage that its length cut short (stage_length.h), being better says nothing of what
// the task can reach: v is below 0 only as far as that of the tier above is, which has room to
// give. The least multiplier is 1, the objective's own weight: a task of a higher tier never weighs
// less than one below it, however far it is ahead, since where tasks help each other a weight of 0
// would take its lead and give nobody anything. Multipliers as PI controllers: Sohrabi et al., "On
// PI Controllers for Updating Lagrange Multipliers in Constrained Optimization", ICML 2024. By the
// factor 1 + m the objectives' share, 1 / (1 + Σ λ), answers alike whether multipliers are large or
// small; it and the pace are Primacy's own.
#pragma once

namespace primacy {

// One constraint.
struct HoldoutControl {
  double integral = 0;  // m
  double lambda = 0;
};

// v of hold-out loss `loss`. A loss and a bound of 0 violate nothing.
double Violation(double loss, double bound, double paced_bound);

struct HoldoutGains {
  double rate = 0;  // of one evaluation
  double gain = 0;
  double lambda_min = 0;  // the objective's own weight, 1, or where λ begins if that is less
  double lambda_max = 0;
};

// One evaluation with violation v.
HoldoutControl Steer(HoldoutControl control, double violation, const HoldoutGains& gains);

}  // namespace primacy
