// Batches of a slice of a log in the log's own order, for evaluation and prediction.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "worker/data/batch.h"
#include "worker/data/batch_builder.h"
#include "worker/data/input_spec.h"
#include "worker/data/prefetcher.h"
#include "worker/data/resident_blocks.h"

namespace primacy {

struct EvaluationReaderOptions {
  int rank = 0;  // this worker reads the blocks b with b mod workers = rank
  int workers = 1;
  int servers = 1;  // of the parameters
  uint32_t batch_rows_max = 4096;
  size_t prefetch_batches = 2;  // at least 1
};

// Rows of one block only. Its step is 0; row_sequence is the row's position in the log.
struct EvaluationBatch {
  uint32_t block = 0;      // of the log
  uint32_t first_row = 0;  // within the block
  Batch batch;
};

// Next and Stop are thread safe.
class EvaluationReader {
 public:
  EvaluationReader(CachedLog log, const InputSpec& input, const EvaluationReaderOptions& options);
  // Stops and waits for the thread.
  ~EvaluationReader() = default;

  // Blocks in rising order, rows in order; nothing at the end and after Stop. Errors name the file
  // and the block; nothing comes after one.
  Result<std::optional<EvaluationBatch>> Next() { return prefetcher_.Next(); }
  void Stop() { prefetcher_.Stop(); }

 private:
  Result<std::optional<EvaluationBatch>> Make();

  const CachedLog log_;
  const EvaluationReaderOptions options_;
  BatchBuilder builder_;
  std::vector<uint64_t> first_sequence_;   // [block] position of its first row in the log
  uint64_t block_number_ = 0;              // next or current
  uint32_t next_row_ = 0;                  // within it
  std::shared_ptr<const LogBlock> block_;  // the current one, if it was begun
  std::vector<RowAt> rows_;
  Prefetcher<EvaluationBatch> prefetcher_;  // last: its thread uses all of the above
};

}  // namespace primacy
