#include "ps/priority/trial.h"

#include <algorithm>

#include "ps/priority/stage_length.h"

namespace primacy {

bool IsTrial(const Job& job, int stages, int stage) {
  return LengthsAreLimited(job) && stage > 0 && stage + 1 < stages;
}

double LambdaStart(const Job& job, int stages, int stage, bool kept_before) {
  const double start = job.priority().lambda_start();
  const bool equal =
      IsTrial(job, stages, stage) || (kept_before && IsTrial(job, stages, stage - 1));
  return equal ? std::min(1.0, start) : start;
}

}  // namespace primacy
