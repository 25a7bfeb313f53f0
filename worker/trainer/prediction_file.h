// Scores of a log as CSV: row_id,group_id,TASK,… with one prediction per task that the model was
// trained for.
#pragma once

#include <cstdint>
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
  // Bit t of active_tasks: task t has a column.
  static Result<std::unique_ptr<PredictionFile>> Create(const std::string& directory, int worker,
                                                        const InputSpec& input,
                                                        uint64_t active_tasks);
  // predictions [rows, all tasks].
  Status Append(const Batch& batch, std::span<const float> predictions);
  Status Finish();

 private:
  PredictionFile(std::unique_ptr<AtomicFile> file, uint64_t active_tasks)
      : file_(std::move(file)), active_tasks_(active_tasks) {}
  Status Write(const std::string& text);
  const std::unique_ptr<AtomicFile> file_;
  const uint64_t active_tasks_;
};

// Name of the file of `worker`.
std::string PredictionFileName(int worker);

}  // namespace primacy
