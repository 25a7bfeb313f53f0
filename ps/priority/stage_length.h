// How long a stage may go on before its patience is used up.
//
// A stage with constraints learns more than one task alone, and left to its patience takes longer
// for it. But of a stage in the middle the ones below need its pace only (holdout_control.h): it
// ends after a third of the first stage's length. The last stage, whose model is served, has what
// is left of the whole job's length. That says nothing where the first stage ended before
// anything was learnt, as on a plateau, or a task with a small weight learns slowly: the last one
// may also take five thirds of the time in which its tasks learnt fast, as much as it has of a
// first stage's length where there are three. The evidence is in docs/results.md.
#pragma once

#include <cstdint>
#include <span>

#include "common/config/job.pb.h"

namespace primacy {

// Whether stages have a length: not where length_max is 0, without patience, and where stages are
// not fresh or do not follow the hold-out slice.
bool LengthsAreLimited(const Job& job);

// The length of stage `finished.size()` of `stages`, in steps, or -1 for no limit: of the first
// stage, and where lengths are not limited. finished: steps of the stages before.
int64_t StageLengthMax(const Job& job, int stages, std::span<const int64_t> finished);

// How many evaluations the last stage makes before its length may end it, by what a task's hold-out
// losses at those so far say: five thirds of those until it last learnt fast. It learns fast where
// its lowest loss is more than 1 % below what the lowest was `patience` evaluations before, or in
// the beginning.
int64_t EvaluationsToMake(std::span<const double> losses, int patience);

}  // namespace primacy
