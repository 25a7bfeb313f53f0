// How long a stage may go on before its patience is used up, and which stages are trials.
//
// A stage with constraints learns more than one task alone, and left to its patience takes longer
// for it. But of a stage in the middle the ones below need its pace only (holdout_control.h): it
// ends after a third of the first stage's length. The last stage, whose model is served, has what
// is left of the whole job's length. That says nothing where the first stage ended long before
// anything was learnt, as on a plateau: the last one may also take five thirds of the time in which
// its tasks learnt fast, as much as it has of a first stage's length where there are three.
//
// As its model is not served, such a stage can try what would be a risk in the last one: it begins
// with equal weights. Where it keeps its constraints all the same, and within a third of the way,
// the tasks are not in each other's way, and the last stage begins with equal weights too
// (LambdaStart). On a log that is learnt in one pass there is no time to find that out later. The
// evidence is in docs/results.md.
#pragma once

#include <cstdint>
#include <span>

#include "common/config/job.pb.h"

namespace primacy {

// Steps after which stage `finished.size()` of `stages` ends at the latest, or -1 for no limit: of
// the first stage, where length_max is 0, without patience, and where stages are not fresh or do
// not follow the hold-out slice. finished: steps of the stages before.
int64_t StageLengthMax(const Job& job, int stages, std::span<const int64_t> finished);

// How many evaluations of a stage have to be made before its length may end it, though it has
// reached StageLengthMax, by what a task's hold-out losses at those so far say: five thirds of
// those until it last learnt fast. It learns fast where its lowest loss is more than 1 % below what
// the lowest was `patience` evaluations before, or in the beginning.
int64_t EvaluationsToMake(std::span<const double> losses, int patience);

// Whether stage `stage` of `stages` is a trial: in the middle, where lengths are limited.
bool IsTrial(const Job& job, int stages, int stage);

// Where the multiplier of the first tier begins in a stage: priority.lambda_start, but at most 1 in
// a trial and in the last stage after a trial that kept its constraints. kept_before: whether the
// stage before this one kept its.
double LambdaStart(const Job& job, int stages, int stage, bool kept_before);

}  // namespace primacy
