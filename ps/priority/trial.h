// Stages in the middle as trials of whether the tasks are in each other's way.
//
// The model of a stage in the middle whose length is limited (stage_length.h) is not served, so it
// can try what would be a risk in the last one: it begins with equal weights. Where it keeps its
// constraints all the same, and within a third of the way, the tasks are not in each other's way,
// and the last stage begins with equal weights too. On a log that is learnt in one pass there is no
// time to find that out later. The evidence is in docs/results.md.
#pragma once

#include "common/config/job.pb.h"

namespace primacy {

// Whether stage `stage` of `stages` is a trial.
bool IsTrial(const Job& job, int stages, int stage);

// Where the multiplier of the first tier begins in a stage: priority.lambda_start, but at most 1 in
// a trial and in the last stage after a trial that kept its constraints. kept_before: whether the
// stage before this one kept its.
double LambdaStart(const Job& job, int stages, int stage, bool kept_before);

}  // namespace primacy
