// Metrics of a whole slice of a log from the parts that the workers evaluated. Sums run row by row
// within a block and then block by block, in double; rankings are over all rows at once. So the
// result has the same bits whatever the number of workers and the size of their batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

// What is evaluated; equal on all workers.
struct EvaluationSpec {
  struct Task {
    std::string name;
    TaskConfig::Loss loss = TaskConfig::LOGISTIC;
    bool active = true;  // inactive tasks have no outputs, and no metrics but a name
  };
  std::vector<Task> tasks;   // of the job, in order
  bool losses_only = false;  // sums alone: no row is kept, and there is no AUC

  // Whether AUC is computed for the task, so that its rows are kept.
  bool Ranked(size_t task) const {
    return !losses_only && tasks[task].active && tasks[task].loss == TaskConfig::LOGISTIC;
  }
};

// Rows of one block with their scores. [rows, task] is over all tasks of the spec, row by row.
struct ScoredRows {
  size_t rows = 0;
  std::span<const float> predictions;  // [rows, task], see Prediction in worker/model/model.h
  std::span<const double> losses;      // [rows, task], unweighted
  std::span<const float> labels;       // [rows, task]
  std::span<const float> weights;  // [rows, task]; a row of weight 0 does not count for the task
  std::span<const uint64_t> group_ids;  // [rows] or empty
};

// Sums over rows of weight above 0.
struct TaskSums {
  double weight = 0;
  double loss = 0;           // Σ weight · loss
  double prediction = 0;     // Σ weight · prediction
  double label = 0;          // Σ weight · label
  double squared_error = 0;  // Σ weight · (prediction − label)²
  uint64_t rows = 0;
};

// What one worker evaluated. Memory: 12 bytes a row and ranked task, and 8 a row for group ids. Not
// thread safe.
class EvaluationPart {
 public:
  struct Block {
    uint32_t block = 0;
    uint32_t rows = 0;
    std::vector<TaskSums> sums;  // [task]
  };
  // The rows of all blocks for one ranked task.
  struct Column {
    std::vector<float> predictions;
    std::vector<float> labels;
    std::vector<float> weights;
  };

  explicit EvaluationPart(const EvaluationSpec& spec);

  // Rows follow those given before for the same block; blocks come in rising order. Group ids come
  // with all rows or none.
  void Add(uint32_t block, const ScoredRows& rows);

  // Bytes for Cluster::Gather, of this machine's byte order (little-endian).
  std::string Serialize() const;
  // Refuses bytes that are not a part of an evaluation of `spec`.
  static Result<EvaluationPart> Parse(const EvaluationSpec& spec, const std::string& bytes);

  uint64_t rows() const { return rows_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  const std::vector<Column>& columns() const { return columns_; }  // [task], empty unless ranked
  const std::vector<uint64_t>& group_ids() const { return group_ids_; }  // [rows] or empty

 private:
  void AddSums(const ScoredRows& rows, Block& block) const;
  void AddColumns(const ScoredRows& rows);

  EvaluationSpec spec_;
  uint64_t rows_ = 0;
  std::vector<Block> blocks_;
  std::vector<Column> columns_;
  std::vector<uint64_t> group_ids_;
};

// The parts of all workers as the result for the slice; `slice` and `seconds` are left to the
// caller. Fails unless each of the slice's blocks [0, block_count) is in exactly one part. GAUC
// needs group ids. LOGISTIC tasks get all metrics, SQUARED ones loss, squared error and the mean
// label, SOFTMAX ones loss and the squared error of the expected class.
Result<EvaluateResult> MergeEvaluation(const EvaluationSpec& spec, uint32_t block_count,
                                       std::span<const std::string> parts);

}  // namespace primacy
