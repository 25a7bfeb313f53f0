// How NMT's trainings went: multipliers and hold-out losses at every evaluation, from the time
// lines of its runs (events.jsonl, docs/report.md).
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"

namespace primacy {

struct CurvePoint {
  double pass = 0;  // passes over the train rows since the stage began
  double value = 0;
};
using Curve = std::vector<CurvePoint>;

struct TaskCurves {
  std::string task;
  bool constraint = false;  // else an objective of the stage, without multipliers
  // One per seed.
  std::vector<Curve> lambda;  // empty ones for an objective
  std::vector<Curve> loss;    // on the hold-out slice
  // NaN where the task is no constraint: the hold-out loss that it is held to.
  std::vector<double> bound;
};

struct StageCurves {
  std::string name;
  std::vector<TaskCurves> tasks;  // in order of priority
  // Per seed, when the stage's model was met; NaN when no evaluation became the candidate.
  std::vector<double> chosen_pass;
};

// `paths`: an events.jsonl per seed. What a run did after the generation that it was later resumed
// from does not count. Errors name the file.
Result<std::vector<StageCurves>> ReadCurves(const std::vector<std::string>& paths);

// The mean over the curves at each evaluation that at least half of them have. Curves are equally
// spaced alike: their k-th points belong together.
Curve MeanCurve(const std::vector<Curve>& curves);

}  // namespace primacy
