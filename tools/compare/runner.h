// Trains what a comparison lacks, several trainings at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/compare/plan.h"

namespace primacy {

struct RunnerOptions {
  std::string program;  // the path of `primacy`
  int jobs = 1;         // trainings at a time
  // Called when a training has begun or ended, with the names of those that run; may be empty.
  struct Progress {
    int done = 0;  // those that were finished before included
    int total = 0;
    double seconds_left = -1;  // negative: not known yet
    std::vector<std::string> running;
  };
  std::function<void(const Progress&)> show;
};

struct RunnerOutcome {
  bool stopped = false;  // by an interrupt (tools/launch/interrupt.h)
  // One line each, with the training's name. What failed leaves the others alone, unless it is a
  // user's mistake: that ends the comparison.
  std::vector<Error> failures;
};

// Runs `primacy train --launcher=local` in a process for each training that is not finished; an
// interrupted one is resumed. In BSP the results are the same bits whatever `jobs` is. A first
// interrupt stops the trainings in order, a second one kills them. Blocks until no child runs. What
// a finished training leaves are its report, its time line and train.log.
Result<RunnerOutcome> RunTrainings(const ComparisonPlan& plan, const RunnerOptions& options);

}  // namespace primacy
