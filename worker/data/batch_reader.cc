#include "worker/data/batch_reader.h"

#include <memory>
#include <utility>

namespace primacy {

StepSource ConsecutiveSteps(Step first_step) {
  auto next = std::make_shared<Step>(first_step);
  return [next] { return std::optional<Step>((*next)++); };
}

BatchReader::BatchReader(CachedLog log, const InputSpec& input, const PlanOptions& plan,
                         StepSource steps, const BatchReaderOptions& options)
    : steps_(std::move(steps)),
      options_(options),
      plan_(BlockRows(*log.source), plan),
      blocks_(std::move(log), plan_),
      builder_(input),
      prefetcher_(options.prefetch_batches, [this] { return Make(); }) {}

Result<std::optional<Batch>> BatchReader::Make() {
  PRIMACY_ASSIGN(const std::optional<Step> step, steps_());
  if (!step.has_value()) return std::optional<Batch>();
  if (plan_.rows() == 0) return UsageError("data.log: there are no rows to train on");
  PRIMACY_TRY(blocks_.Hold(*step));
  const StepRows step_rows = plan_.RowsOf(*step, options_.slice);
  rows_.clear();
  for (const RowRef& ref : step_rows.rows) rows_.push_back({blocks_[ref.block], ref.row});
  Batch batch = Spare();
  builder_.Build(*step, step_rows.first_sequence, rows_, batch);
  return std::optional<Batch>(std::move(batch));
}

Batch BatchReader::Spare() {
  MutexLock lock(mutex_);
  if (spare_.empty()) return Batch();
  Batch batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void BatchReader::Recycle(Batch batch) {
  MutexLock lock(mutex_);
  if (spare_.size() <= options_.prefetch_batches) spare_.push_back(std::move(batch));
}

}  // namespace primacy
