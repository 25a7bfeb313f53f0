// Which of a stage's evaluated models is kept: the best feasible one on the hold-out slice.
#pragma once

#include <span>

#include "ps/checkpoint/manifest.pb.h"
#include "ps/priority/stage.h"

namespace primacy {

// Judges an evaluation of the hold-out slice. A model is feasible when no constraint's hold-out
// loss is above the one of the model kept for it (kept_loss, per task of the job; read for
// constraints only).
Candidate JudgeCandidate(const Stage& stage, std::span<const double> kept_loss,
                         const EvaluateResult& holdout);

// A feasible candidate is better than one that is not; feasible ones compare by their objective,
// others by violation.
bool IsBetter(const Candidate& candidate, const Candidate& best);

}  // namespace primacy
