#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "ps/checkpoint/record_rules.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/checkpoint/shard_format.h"

namespace primacy {
namespace {

using namespace shard_format;  // NOLINT: this file is about nothing else

// A block being filled: its header and its records in one buffer, written with one call.
class OpenBlock {
 public:
  OpenBlock() : buffer_(sizeof(BlockHeader) + kBlockBytes) {}

  const BlockInfo& info() const { return info_; }
  bool empty() const { return info_.records == 0; }
  // Whether a record of `floats` floats for `owner` may be added without closing the block first.
  bool Accepts(uint32_t owner, size_t floats) const {
    return !empty() && info_.owner == owner && info_.floats == floats &&
           payload_bytes_ + RecordBytes(info_.kind, info_.floats) <= kBlockBytes;
  }
  void Begin(uint32_t shard, BlockKind kind, uint32_t owner, size_t floats) {
    CHECK(empty());
    info_ = {.shard = shard, .kind = kind, .owner = owner, .floats = static_cast<uint32_t>(floats)};
    payload_bytes_ = 0;
    const uint64_t record_bytes = RecordBytes(kind, info_.floats);
    buffer_.resize(
        std::max(buffer_.size(), static_cast<size_t>(sizeof(BlockHeader) + record_bytes)));
  }
  template <typename Record>
  void Add(const Record& record, std::span<const float> floats) {
    std::byte* to = buffer_.data() + sizeof(BlockHeader) + payload_bytes_;
    std::memcpy(to, &record, sizeof(record));
    if (!floats.empty()) std::memcpy(to + sizeof(record), floats.data(), floats.size_bytes());
    payload_bytes_ += sizeof(record) + floats.size_bytes();
    ++info_.records;
  }
  // The finished bytes, valid until the next Begin; the block is empty then.
  std::span<const std::byte> Close(BlockInfo& closed) {
    info_.payload_crc = Crc32c(0, {buffer_.data() + sizeof(BlockHeader), payload_bytes_});
    BlockHeader header{.info = info_};
    header.header_crc = CrcBefore(header, header.header_crc);
    std::memcpy(buffer_.data(), &header, sizeof(header));
    closed = info_;
    info_.records = 0;
    return {buffer_.data(), sizeof(BlockHeader) + payload_bytes_};
  }

 private:
  std::vector<std::byte> buffer_;
  BlockInfo info_;
  size_t payload_bytes_ = 0;
};

class ShardFileWriterImpl final : public ShardFileWriter {
 public:
  ShardFileWriterImpl(std::unique_ptr<AtomicFile> file, ShardRange shards, RecordRules rules)
      : file_(std::move(file)), shards_(shards), rules_(std::move(rules)) {}

  Status WriteHeader(const ParameterSpec& parameters) {
    const std::string text = parameters.SerializeAsString();
    if (text.size() > kParameterBytesMax) {
      return Failure(Format("a description of parameters of %zu bytes", text.size()));
    }
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    FileHeader header{.first_shard = shards_.begin, .end_shard = shards_.end};
    header.parameter_bytes = static_cast<uint32_t>(bytes.size());
    header.parameter_crc = Crc32c(0, bytes);
    header.header_crc = CrcBefore(header, header.header_crc);
    PRIMACY_TRY(Append(BytesOf(header)));
    return Append(bytes);
  }

  Status BeginShard(uint32_t shard) override {
    CHECK(shards_.Contains(shard)) << "shard " << shard;
    CHECK(!shard_ || *shard_ < shard) << "shard " << shard << " after " << *shard_;
    PRIMACY_TRY(CloseAll());
    shard_ = shard;
    return Ok();
  }

  Status AddRow(const StoredRow& row) override {
    CHECK(shard_ && rules_.AllowsRow(*shard_, row.key)) << "key " << row.key;
    const uint32_t table = static_cast<uint32_t>(row.table);
    OpenBlock& block = row.floats.empty() ? waiting_ : rows_;
    if (!block.Accepts(table, row.floats.size())) {
      PRIMACY_TRY(Close(block));
      PRIMACY_TRY(Open(block, row.floats.empty() ? BlockKind::kWaiting : BlockKind::kRows, table,
                       row.floats.size()));
    }
    block.Add(RowRecord{row.key, row.update_count, row.last_pass}, row.floats);
    return Ok();
  }

  Status AddBlock(const StoredBlock& stored) override {
    const uint32_t tensor = static_cast<uint32_t>(stored.tensor);
    CHECK(shard_ && rules_.AllowsDense(*shard_, tensor, stored.number, stored.floats.size()))
        << "tensor " << tensor << " block " << stored.number << " of " << stored.floats.size()
        << " floats";
    if (!dense_.Accepts(tensor, stored.floats.size())) {
      PRIMACY_TRY(Close(dense_));
      PRIMACY_TRY(Open(dense_, BlockKind::kDense, tensor, stored.floats.size()));
    }
    dense_.Add(DenseRecord{stored.number}, stored.floats);
    return Ok();
  }

  Result<CheckpointFile> Finish() override {
    PRIMACY_TRY(CloseAll());
    Trailer trailer{
        .index_offset = file_->size(), .rows = row_count_, .dense_blocks = dense_count_};
    const auto index = std::as_bytes(std::span(index_));
    trailer.block_count = static_cast<uint32_t>(index_.size());
    trailer.index_crc = Crc32c(0, index);
    trailer.trailer_crc = CrcBefore(trailer, trailer.trailer_crc);
    PRIMACY_TRY(Append(index));
    PRIMACY_TRY(Append(BytesOf(trailer)));
    PRIMACY_TRY(file_->Commit());
    CheckpointFile result;
    result.set_name(ShardFileName(shards_));
    result.set_bytes(file_->size());
    result.set_crc32c(file_crc_);
    result.set_first_shard(shards_.begin);
    result.set_shard_count(shards_.size());
    result.set_rows(row_count_);
    return result;
  }

 private:
  Status Append(std::span<const std::byte> bytes) {
    file_crc_ = Crc32c(file_crc_, bytes);
    return file_->Append(bytes);
  }

  Status Open(OpenBlock& block, BlockKind kind, uint32_t owner, size_t floats) {
    // Blocks of one table are together, whichever of them was closed last.
    if (kind != BlockKind::kDense && owner != table_) {
      PRIMACY_TRY(Close(rows_));
      PRIMACY_TRY(Close(waiting_));
      table_ = owner;
    }
    CHECK_LE(floats, kRecordFloatsMax);
    const BlockInfo info{*shard_, kind, owner, static_cast<uint32_t>(floats), 1};
    CHECK(rules_.AllowsBlock(info))
        << "owner " << owner << " with records of " << floats << " floats";
    CHECK(kind != BlockKind::kRows || row_sizes_.Same(owner, info.floats))
        << "rows of table " << owner;
    block.Begin(*shard_, kind, owner, floats);
    return Ok();
  }

  Status Close(OpenBlock& block) {
    if (block.empty()) return Ok();
    IndexEntry entry{.offset = file_->size()};
    const std::span<const std::byte> bytes = block.Close(entry.info);
    if (entry.info.kind == BlockKind::kRows) row_count_ += entry.info.records;
    if (entry.info.kind == BlockKind::kDense) dense_count_ += entry.info.records;
    index_.push_back(entry);
    return Append(bytes);
  }

  Status CloseAll() {
    PRIMACY_TRY(Close(rows_));
    PRIMACY_TRY(Close(waiting_));
    return Close(dense_);
  }

  const std::unique_ptr<AtomicFile> file_;
  const ShardRange shards_;
  const RecordRules rules_;
  std::optional<uint32_t> shard_;
  uint32_t table_ = 0;
  OpenBlock rows_;
  OpenBlock waiting_;
  OpenBlock dense_;
  std::vector<IndexEntry> index_;
  RowSizes row_sizes_;
  uint64_t row_count_ = 0;
  uint64_t dense_count_ = 0;
  uint32_t file_crc_ = 0;
};

}  // namespace

std::string ShardFileName(ShardRange shards) {
  return Format("shards-%04u-%04u.prm", shards.begin, shards.end);
}

Result<std::unique_ptr<ShardFileWriter>> ShardFileWriter::Create(const std::string& directory,
                                                                 ShardRange shards,
                                                                 const ParameterSpec& parameters) {
  CHECK(shards.begin < shards.end && shards.end <= kVirtualShards)
      << shards.begin << " to " << shards.end;
  PRIMACY_ASSIGN(RecordRules rules, RecordRules::Create(parameters));
  PRIMACY_ASSIGN(auto file, AtomicFile::Create(directory + "/" + ShardFileName(shards)));
  auto writer = std::make_unique<ShardFileWriterImpl>(std::move(file), shards, std::move(rules));
  PRIMACY_TRY(writer->WriteHeader(parameters));
  return std::unique_ptr<ShardFileWriter>(std::move(writer));
}

}  // namespace primacy
