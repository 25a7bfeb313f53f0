// Whether a constraint was kept, by a test of non-inferiority on rows that chose nothing.
//
// "Not worse" cannot be shown, "worse by less than a margin" can. A test that only fails to find a
// loss would pass the more easily the fewer rows it has; here too few rows leave the question open.
#pragma once

#include <optional>

#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"

namespace primacy {

enum class Verdict {
  kKept,       // the interval of the loss difference ends below the margin
  kNotKept,    // it begins above the margin
  kUndecided,  // the margin is within it, or there is no interval: too few rows
};

// "kept", "not kept", "not decidable".
const char* VerdictName(Verdict verdict);

struct ConstraintVerdict {
  // The two-sided 95 % interval of the loss difference, by Student's t with groups − 1 degrees of
  // freedom; nothing with fewer than two groups.
  std::optional<double> low;
  std::optional<double> high;
  double margin = 0;  // the difference that may not be reached: margin_share · bound
  Verdict verdict = Verdict::kUndecided;
};

// A constraint at its margin is called kept 2.5 % of the time, and not kept as often. All of
// several constraints are claimed to be kept only if each is, so the claim needs no correction for
// their number (intersection-union test, Berger 1982).
ConstraintVerdict JudgeConstraint(const TestedConstraint& constraint, double margin_share);

// Whether a job with this setting fails over the verdict.
bool Fails(PriorityConfig::FailOn fail_on, Verdict verdict);

}  // namespace primacy
