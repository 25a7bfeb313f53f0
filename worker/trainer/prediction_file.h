// Scores of a log as CSV: row_id,group_id,TASK,… with one prediction per task.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "common/base/atomic_file.h"
#include "common/base/result.h"
#include "worker/data/batch.h"
#include "worker/data/input_spec.h"

namespace primacy {

// "predictions-00003.csv": one per worker, whole or not there. Not thread safe.
class PredictionFile {
 public:
  static Result<std::unique_ptr<PredictionFile>> Create(const std::string& directory, int worker,
                                                        const InputSpec& input);
  // predictions [rows, task].
  Status Append(const Batch& batch, std::span<const float> predictions);
  Status Finish();

 private:
  explicit PredictionFile(std::unique_ptr<AtomicFile> file) : file_(std::move(file)) {}
  Status Write(const std::string& text);
  std::unique_ptr<AtomicFile> file_;
};

// Name of the file of `worker`.
std::string PredictionFileName(int worker);

}  // namespace primacy
