#include "common/clicklog/summary.h"

#include <algorithm>

namespace primacy {
namespace {

void AddLabels(const LogBlock& block, size_t labels, LogContentSummary& summary) {
  for (size_t cell = 0; cell < block.labels.size(); ++cell) {
    if (block.masks[cell] == 0) continue;
    ++summary.label_rows[cell % labels];
    summary.label_sums[cell % labels] += block.labels[cell];
  }
}

void AddTimestamps(const LogBlock& block, LogContentSummary& summary) {
  if (block.timestamps.empty()) return;
  const auto [low, high] = std::minmax_element(block.timestamps.begin(), block.timestamps.end());
  const bool first = summary.rows == 0;
  summary.timestamp_min = first ? *low : std::min(summary.timestamp_min, *low);
  summary.timestamp_max = first ? *high : std::max(summary.timestamp_max, *high);
}

}  // namespace

Result<LogContentSummary> VerifyPart(const LogPartReader& part) {
  const size_t labels = static_cast<size_t>(part.schema().label_size());
  LogContentSummary summary;
  summary.slot_values.resize(part.schema().slot_size());
  summary.label_rows.resize(labels);
  summary.label_sums.resize(labels);
  for (uint32_t b = 0; b < part.block_count(); ++b) {
    PRIMACY_ASSIGN(const LogBlock block, part.ReadBlock(b));
    for (size_t s = 0; s < block.slots.size(); ++s)
      summary.slot_values[s] += block.slots[s].keys.size();
    AddLabels(block, labels, summary);
    AddTimestamps(block, summary);
    summary.memory_bytes += block.bytes();
    summary.rows += block.rows;
  }
  return summary;
}

}  // namespace primacy
