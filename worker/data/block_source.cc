#include "worker/data/block_source.h"

#include <utility>

namespace primacy {
namespace {

class LogSource final : public BlockSource {
 public:
  explicit LogSource(std::shared_ptr<const LogDirectory> log) : log_(std::move(log)) {}

  uint32_t block_count() const override { return log_->block_count(); }
  uint32_t block_rows(uint32_t block) const override { return log_->block_rows(block); }
  Result<LogBlock> ReadBlock(uint32_t block) const override { return log_->ReadBlock(block); }

 private:
  const std::shared_ptr<const LogDirectory> log_;
};

}  // namespace

std::shared_ptr<const BlockSource> MakeLogSource(std::shared_ptr<const LogDirectory> log) {
  CHECK(log != nullptr);
  return std::make_shared<LogSource>(std::move(log));
}

std::vector<uint32_t> BlockRows(const BlockSource& source) {
  std::vector<uint32_t> rows(source.block_count());
  for (uint32_t b = 0; b < rows.size(); ++b) rows[b] = source.block_rows(b);
  return rows;
}

}  // namespace primacy
