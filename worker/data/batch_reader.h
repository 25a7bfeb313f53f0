// Training batches, read, shuffled and built ahead of the computation on a thread of their own.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "worker/data/batch.h"
#include "worker/data/batch_builder.h"
#include "worker/data/batch_plan.h"
#include "worker/data/input_spec.h"
#include "worker/data/prefetcher.h"
#include "worker/data/resident_blocks.h"
#include "worker/data/spare_batches.h"

namespace primacy {

// Which step comes next; nothing at the end. Called on the reader's thread: in SSP and ASP it may
// ask the coordinator for a lease, and must come back when the job stops, because the reader's
// destructor waits for it.
using StepSource = std::function<Result<std::optional<Step>>()>;

// first_step, first_step + 1, … without an end: what a BSP worker reads.
StepSource ConsecutiveSteps(Step first_step);

struct BatchReaderOptions {
  BatchSlice slice;             // {0, 1}: whole batches
  size_t prefetch_batches = 4;  // at least 1
  int servers = 1;              // of the parameters
};

// Next, TryNext, Spare and Stop are thread safe. Memory: the windows around the current step, twice
// prefetch_batches + 1 batches, and what the cache keeps.
class BatchReader {
 public:
  BatchReader(CachedLog log, const InputSpec& input, const PlanOptions& plan, StepSource steps,
              const BatchReaderOptions& options);
  // Stops and waits for the thread.
  ~BatchReader() = default;

  // The batch of the next step, in the order of the step source; nothing at the end and after Stop.
  // A batch has no rows when there are fewer rows in the step than workers. Errors: the log's (file
  // and block) and the step source's; nothing comes after one.
  Result<std::optional<Batch>> Next() { return prefetcher_.Next(); }
  // The same without waiting: nothing, too, when the next batch is not ready.
  Result<std::optional<Batch>> TryNext() { return prefetcher_.TryNext(); }
  // Where batches that are done with go. It may outlive the reader.
  std::shared_ptr<SpareBatches> spare() const { return spare_; }
  // Seconds that reading blocks and building batches have taken so far.
  double read_seconds() const { return read_seconds_; }
  double build_seconds() const { return build_seconds_; }
  void Stop() { prefetcher_.Stop(); }

 private:
  Result<std::optional<Batch>> Make();

  const StepSource steps_;
  const BatchReaderOptions options_;
  BatchPlan plan_;
  ResidentBlocks blocks_;
  BatchBuilder builder_;
  std::vector<RowAt> rows_;
  const std::shared_ptr<SpareBatches> spare_;
  std::atomic<double> read_seconds_ = 0;
  std::atomic<double> build_seconds_ = 0;
  Prefetcher<Batch> prefetcher_;  // last: its thread uses all of the above
};

}  // namespace primacy
