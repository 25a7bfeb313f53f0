#include "common/clicklog/writer.h"

#include <zstd.h>

#include <utility>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "common/clicklog/format.h"
#include "common/clicklog/schema.h"

namespace primacy {
namespace {

// Rows with very many values are flushed before a block outgrows the limits.
constexpr size_t kBufferedBytesMax = 64u << 20;

class PartWriter final : public LogPartWriter {
 public:
  PartWriter(std::string path, LogSchema schema, const LogWriterOptions& options,
             std::unique_ptr<AtomicFile> file)
      : path_(std::move(path)),
        schema_(std::move(schema)),
        options_(options),
        file_(std::move(file)),
        packer_(options.zstd_level),
        buffer_(MakeBlock(schema_)) {}

  Status AppendBlock(const LogBlock& block) override {
    PRIMACY_TRY(FlushRows());
    return WriteBlock(block);
  }

  Status AppendPacked(const PackedBlock& block) override {
    PRIMACY_TRY(FlushRows());
    index_.push_back(
        {file_->size(), rows_, static_cast<uint32_t>(block.stored.size()), block.rows, block.crc});
    rows_ += block.rows;
    return file_->Append(block.stored);
  }

  Status AppendRow(const LogRow& row) override {
    primacy::AppendRow(schema_, row, buffer_);
    for (const std::vector<uint64_t>& values : row.slots)
      buffered_bytes_ += values.size() * sizeof(uint64_t);
    if (buffer_.rows < options_.rows_per_block && buffered_bytes_ < kBufferedBytesMax) return Ok();
    return FlushRows();
  }

  Status Finish() override {
    CHECK(!finished_) << "finished twice: " << path_;
    finished_ = true;
    PRIMACY_TRY(FlushRows());
    PRIMACY_TRY(file_->Append(clicklog::EncodeFooter(index_, file_->size())));
    return file_->Commit();
  }

  uint64_t rows() const override { return rows_ + buffer_.rows; }

 private:
  Status FlushRows() {
    if (buffer_.rows == 0) return Ok();
    const LogBlock block = std::exchange(buffer_, MakeBlock(schema_));
    buffered_bytes_ = 0;
    return WriteBlock(block);
  }

  Status WriteBlock(const LogBlock& block) {
    const Result<PackedBlock> packed = packer_.Pack(schema_, block);
    if (packed.ok()) return AppendPacked(*packed);
    return Error(Format("%s: block %zu", path_.c_str(), index_.size()), packed.error());
  }

  const std::string path_;
  const LogSchema schema_;
  const LogWriterOptions options_;
  const std::unique_ptr<AtomicFile> file_;
  BlockPacker packer_;
  LogBlock buffer_;
  size_t buffered_bytes_ = 0;
  uint64_t rows_ = 0;
  std::vector<clicklog::BlockEntry> index_;
  bool finished_ = false;
};

}  // namespace

Result<std::unique_ptr<LogPartWriter>> LogPartWriter::Create(const std::string& path,
                                                             const LogSchema& schema,
                                                             const LogWriterOptions& options) {
  PRIMACY_TRY(CheckSchema(schema));
  if (options.rows_per_block == 0 || options.rows_per_block > clicklog::kBlockRowsMax) {
    return UsageError(Format("rows_per_block is %u, must be from 1 to %u", options.rows_per_block,
                             clicklog::kBlockRowsMax));
  }
  if (options.zstd_level < 1 || options.zstd_level > ZSTD_maxCLevel()) {
    return UsageError(
        Format("zstd_level is %d, must be from 1 to %d", options.zstd_level, ZSTD_maxCLevel()));
  }
  const std::string bytes = schema.SerializeAsString();
  if (bytes.size() > clicklog::kSchemaBytesMax) {
    return UsageError(
        Format("schema of %zu bytes, the most is %u", bytes.size(), clicklog::kSchemaBytesMax));
  }
  PRIMACY_ASSIGN(std::unique_ptr<AtomicFile> file, AtomicFile::Create(path));
  PRIMACY_TRY(file->Append(clicklog::EncodeHead(bytes)));
  return std::unique_ptr<LogPartWriter>(
      std::make_unique<PartWriter>(path, schema, options, std::move(file)));
}

std::string PartName(int part) {
  CHECK_GE(part, 0);
  return Format("part-%05d.clog", part);
}

}  // namespace primacy
