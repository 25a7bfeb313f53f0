#include "worker/data/evaluation_reader.h"

#include <algorithm>
#include <utility>

namespace primacy {
namespace {

std::vector<uint64_t> FirstRows(const BlockSource& source) {
  std::vector<uint64_t> first(source.block_count());
  uint64_t position = 0;
  for (uint32_t b = 0; b < first.size(); ++b) {
    first[b] = position;
    position += source.block_rows(b);
  }
  return first;
}

EvaluationReaderOptions Checked(const EvaluationReaderOptions& options) {
  CHECK(options.workers > 0 && options.rank >= 0 && options.rank < options.workers);
  CHECK_GT(options.batch_rows_max, 0u);
  return options;
}

}  // namespace

EvaluationReader::EvaluationReader(CachedLog log, const InputSpec& input,
                                   const EvaluationReaderOptions& options)
    : log_(std::move(log)),
      options_(Checked(options)),
      builder_(input, options.servers),
      first_sequence_(FirstRows(*log_.source)),
      block_number_(static_cast<uint64_t>(options.rank)),
      prefetcher_(options.prefetch_batches, [this] { return Make(); }) {}

Result<std::optional<EvaluationBatch>> EvaluationReader::Make() {
  if (block_ != nullptr && next_row_ == block_->rows) {
    block_.reset();
    block_number_ += static_cast<uint64_t>(options_.workers);
    next_row_ = 0;
  }
  if (block_number_ >= log_.source->block_count()) return std::optional<EvaluationBatch>();
  const uint32_t number = static_cast<uint32_t>(block_number_);
  if (block_ == nullptr) {
    PRIMACY_ASSIGN(block_, log_.cache->Get(log_.source, number));
  }

  const uint32_t end = next_row_ + std::min(options_.batch_rows_max, block_->rows - next_row_);
  EvaluationBatch result{number, next_row_, {}};
  rows_.clear();
  for (uint32_t row = next_row_; row < end; ++row) rows_.push_back({block_.get(), row});
  builder_.Build(0, first_sequence_[number] + next_row_, rows_, result.batch);
  next_row_ = end;
  return std::optional<EvaluationBatch>(std::move(result));
}

}  // namespace primacy
