// The log of the step bench's jobs: written once, for any number of jobs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "tools/bench/scratch_directory.h"
#include "tools/bench/step_options.h"

namespace primacy {

// Gone, with all run directories in it, at the end of its scope.
class StepLog {
 public:
  // `rows` >= 1 rows of training. They depend on options.slots and options.table_rows alone.
  static Result<std::unique_ptr<StepLog>> Write(const StepBenchOptions& options, uint64_t rows);

  uint64_t rows() const { return rows_; }
  std::string path() const { return *scratch_ / "log"; }
  const ScratchDirectory& scratch() const { return *scratch_; }

 private:
  StepLog(std::unique_ptr<ScratchDirectory> scratch, uint64_t rows)
      : scratch_(std::move(scratch)), rows_(rows) {}
  const std::unique_ptr<ScratchDirectory> scratch_;
  const uint64_t rows_;
};

}  // namespace primacy
