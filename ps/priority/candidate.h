// Which of a stage's evaluated models is kept, and when a stage has stopped getting anywhere. Both
// are judged on the hold-out slice.
#pragma once

#include <span>
#include <vector>

#include "common/config/job.pb.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/priority/stage.h"

namespace primacy {

// The largest hold-out loss that each task of the job may have: its bound (loss_path.h) times 1 +
// its slack. The slack is for the luck of an evaluation, with a constraint just met on average.
std::vector<double> AllowedLosses(std::span<const double> bounds, const Job& job);

// Per task of the job: the loss that the multipliers aim at, as a multiple of its bound. What a
// task's slack is above `priority.slack`, the tolerance for luck, is left to the tasks below it.
std::vector<double> AimedShares(const Job& job);

// Judges an evaluation of the hold-out slice. A model is feasible when no constraint's loss is
// above the allowed one (per task of the job; read for constraints only); its violation is the
// largest excess.
Candidate JudgeCandidate(const Stage& stage, std::span<const double> allowed,
                         const EvaluateResult& holdout);

// In strict order of priority: the model with the smaller excess in the highest tier where the two
// differ, a tier's excess being its worst task's; where none differs (both are feasible, say), the
// one with the smaller objective.
bool IsBetter(const Stage& stage, std::span<const double> allowed, const Candidate& candidate,
              const Candidate& best);

// Whether an evaluation gives reason to go on: the objective or a constraint's loss is lower than
// at all evaluations of the stage before, whose losses `before` has per task. A task that gets
// better while another one stands still, or had the luck of a low evaluation, shows that the stage
// still learns.
bool ReachesNewLow(const Stage& stage, const google::protobuf::RepeatedPtrField<LossPath>& before,
                   const Candidate& candidate);

}  // namespace primacy
