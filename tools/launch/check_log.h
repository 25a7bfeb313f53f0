// What workers would find wrong with the log of a job, found before any process starts.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/clicklog/reader.h"
#include "common/clicklog/slices.h"
#include "common/config/job.pb.h"
#include "worker/data/input_spec.h"

namespace primacy {

// A log that suits its job.
struct CheckedLog {
  std::array<std::unique_ptr<LogDirectory>, kSliceNames.size()> slices;
  InputSpec input;
};

// The three slices are there with one schema, train and holdout have rows, and the job's tasks and
// slots suit.
Result<CheckedLog> CheckLog(const Job& job);

// Where a slice of a log is.
std::string SlicePath(const std::string& log, const char* slice);

}  // namespace primacy
