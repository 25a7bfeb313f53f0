#include "ps/priority/verdict.h"

#include "common/base/student.h"

namespace primacy {

const char* VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kKept:
      return "kept";
    case Verdict::kNotKept:
      return "not kept";
    case Verdict::kUndecided:
      break;
  }
  return "not decidable";
}

ConstraintVerdict JudgeConstraint(const TestedConstraint& constraint, double margin_share) {
  ConstraintVerdict judged;
  judged.margin = margin_share * constraint.bound();
  const LossDifference& difference = constraint.difference();
  if (!difference.has_standard_error()) return judged;
  const double half = StudentQuantile(difference.groups() - 1) * difference.standard_error();
  judged.low = difference.mean() - half;
  judged.high = difference.mean() + half;
  if (*judged.high < judged.margin) judged.verdict = Verdict::kKept;
  if (*judged.low > judged.margin) judged.verdict = Verdict::kNotKept;
  return judged;
}

bool Fails(PriorityConfig::FailOn fail_on, Verdict verdict) {
  switch (fail_on) {
    case PriorityConfig::NOTHING:
      return false;
    case PriorityConfig::NOT_KEPT:
      return verdict == Verdict::kNotKept;
    case PriorityConfig::UNDECIDED:
      return verdict != Verdict::kKept;
  }
  return false;
}

}  // namespace primacy
