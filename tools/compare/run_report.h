// The figures of one finished training, from its report.json (docs/report.md).
#pragma once

#include <string>

#include "common/base/json_value.h"

namespace primacy {

// How often the constraints of last stages were found kept, not kept, or not decidable with the
// test slice's rows.
struct Verdicts {
  int kept = 0;
  int not_kept = 0;
  int undecided = 0;
  int total() const { return kept + not_kept + undecided; }
};

// AUC of the final model on a slice ("holdout", "test"); NaN where the report has none.
double AucOf(const JsonValue& report, const std::string& task, const char* slice);

// Whether the last stage found a model that kept its constraints on the hold-out slice.
bool LastStageKept(const JsonValue& report);

// Of the last stage; all 0 where the report has none.
Verdicts LastVerdicts(const JsonValue& report);

}  // namespace primacy
