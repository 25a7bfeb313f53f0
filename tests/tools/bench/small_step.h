// Work for the step bench that is done at once.
#pragma once

#include "tools/bench/step_options.h"

namespace primacy::testing_support {

inline StepBenchOptions SmallStep() {
  StepBenchOptions options;
  options.batch = 64;
  options.slots = 3;
  options.dim = 4;
  options.table_rows = 1000;
  options.runs = 3;
  options.seconds = 0.01;
  return options;
}

}  // namespace primacy::testing_support
