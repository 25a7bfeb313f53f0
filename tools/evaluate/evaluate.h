// A checkpoint against a log: metrics, and predictions as CSV.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

struct EvaluateOptions {
  std::string checkpoint;      // run directory, checkpoint directory or generation
  std::string log;             // directory of part files; empty: `slice` of the job's own log
  std::string slice = "test";  // "train", "holdout" or "test"; read when `log` is empty
  int servers = 1;
  int workers = 1;
  std::string predictions;  // CSV file to write; empty: none
  // Asked now and then, from another thread; once it is true the evaluation fails, with nothing
  // written. May be empty.
  std::function<bool()> cancelled;
};

struct EvaluateReport {
  Job job;                 // that the checkpoint was trained with
  std::string generation;  // directory
  EvaluateResult result;
};

// Runs in this process. The log must have the columns that the model reads. The rows of a CSV file
// stand in the order of the log with one worker; otherwise each worker's blocks follow those of the
// one before. REQUIRES: at least one server and one worker.
Result<EvaluateReport> EvaluateCheckpoint(const EvaluateOptions& options);

// One line per task under a heading.
std::string FormatEvaluation(const EvaluateReport& report);

}  // namespace primacy
