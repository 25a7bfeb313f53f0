// How long a stage may go on before its patience is used up.
//
// A stage with constraints learns more than one task alone, and left to its patience takes longer
// for it. But of a stage in the middle the ones below need its pace only (holdout_control.h): it
// ends after a third of the first stage's length. The last stage, whose model is served, has what
// is left of the whole job's length. The evidence is in docs/results.md.
#pragma once

#include <cstdint>
#include <span>

#include "common/config/job.pb.h"

namespace primacy {

// Steps after which stage `finished.size()` of `stages` ends at the latest, or -1 for no limit: of
// the first stage, where length_max is 0, without patience, and where stages are not fresh or do
// not follow the hold-out slice. finished: steps of the stages before.
int64_t StageLengthMax(const Job& job, int stages, std::span<const int64_t> finished);

}  // namespace primacy
