// How far a comparison is, on the error output: on a terminal one line, redrawn; elsewhere a line
// now and then.
#pragma once

#include <cstdio>
#include <optional>
#include <string>

#include "tools/compare/runner.h"
#include "tools/launch/progress_output.h"

namespace primacy {

// "12 of 40 trainings done, about 3 min left: mmoe/nmt, seed 2".
std::string DescribeProgress(const RunnerOptions::Progress& progress);

// Not thread safe.
class CompareProgress {
 public:
  explicit CompareProgress(std::FILE* out);
  // Takes the line off the terminal.
  ~CompareProgress();
  CompareProgress(const CompareProgress&) = delete;
  CompareProgress& operator=(const CompareProgress&) = delete;

  void Show(const RunnerOptions::Progress& progress);

 private:
  ProgressOutput out_;
  std::optional<int> done_;  // of what was shown last
};

}  // namespace primacy
