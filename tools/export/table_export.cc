#include "tools/export/table_export.h"

#include <algorithm>
#include <numeric>

#include "common/base/strings.h"

namespace primacy {

Result<std::unique_ptr<TableExport>> TableExport::Create(
    const std::string& directory, uint32_t dim, const ShardFileReader::TableContent& content,
    bool slots) {
  PRIMACY_TRY(MakeDirectories(directory));
  std::unique_ptr<TableExport> table(new TableExport(dim, std::max(content.row_floats, dim)));
  const uint64_t rows = content.rows;
  PRIMACY_ASSIGN(table->keys_file_,
                 NpyStream::Create(directory + "/keys.npy", {NpyType::kUint64, {rows}}));
  PRIMACY_ASSIGN(table->weights_file_,
                 NpyStream::Create(directory + "/weights.npy", {NpyType::kFloat32, {rows, dim}}));
  if (!slots) return table;
  PRIMACY_ASSIGN(table->slots_file_,
                 NpyStream::Create(directory + "/slots.npy",
                                   {NpyType::kFloat32, {rows, table->row_floats_ - dim}}));
  return table;
}

Status TableExport::Add(const StoredRow& row) {
  if (row.floats.size() != row_floats_) {
    return Failure(Format("table %d has rows of %zu and of %u floats", row.table, row.floats.size(),
                          row_floats_));
  }
  keys_.push_back(row.key);
  floats_.insert(floats_.end(), row.floats.begin(), row.floats.end());
  return Ok();
}

Status TableExport::FinishShard() {
  std::vector<size_t> order(keys_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [this](size_t a, size_t b) { return keys_[a] < keys_[b]; });
  for (const size_t i : order) {
    const std::span<const float> floats = std::span(floats_).subspan(i * row_floats_, row_floats_);
    PRIMACY_TRY(keys_file_->Append(std::as_bytes(std::span(&keys_[i], 1))));
    PRIMACY_TRY(weights_file_->Append(std::as_bytes(floats.first(dim_))));
    if (slots_file_ != nullptr)
      PRIMACY_TRY(slots_file_->Append(std::as_bytes(floats.subspan(dim_))));
  }
  keys_.clear();
  floats_.clear();
  return Ok();
}

Status TableExport::Finish() {
  PRIMACY_TRY(FinishShard());
  PRIMACY_TRY(keys_file_->Finish());
  PRIMACY_TRY(weights_file_->Finish());
  return slots_file_ == nullptr ? Ok() : slots_file_->Finish();
}

}  // namespace primacy
