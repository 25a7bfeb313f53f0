#include "worker/data/batch_reader.h"

#include <chrono>
#include <memory>
#include <utility>

namespace primacy {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

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
      builder_(input, options.servers),
      spare_(std::make_shared<SpareBatches>(options.prefetch_batches + 1)),
      prefetcher_(options.prefetch_batches, [this] { return Make(); }) {}

Result<std::optional<Batch>> BatchReader::Make() {
  PRIMACY_ASSIGN(const std::optional<Step> step, steps_());
  if (!step.has_value()) return std::optional<Batch>();
  if (plan_.rows() == 0) return UsageError("data.log: there are no rows to train on");
  const Clock::time_point began = Clock::now();
  PRIMACY_TRY(blocks_.Hold(*step));
  const Clock::time_point read = Clock::now();
  const StepRows step_rows = plan_.RowsOf(*step, options_.slice);
  rows_.clear();
  for (const RowRef& ref : step_rows.rows) rows_.push_back({blocks_[ref.block], ref.row});
  Batch batch = spare_->Take();
  builder_.Build(*step, step_rows.first_sequence, rows_, batch);
  read_seconds_ = read_seconds_ + std::chrono::duration<double>(read - began).count();
  build_seconds_ = build_seconds_ + std::chrono::duration<double>(Clock::now() - read).count();
  return std::optional<Batch>(std::move(batch));
}

}  // namespace primacy
