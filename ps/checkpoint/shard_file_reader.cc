#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <vector>

#include "common/base/strings.h"
#include "ps/checkpoint/input_file.h"
#include "ps/checkpoint/record_rules.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/checkpoint/shard_format.h"

namespace primacy {
namespace {

using namespace shard_format;  // NOLINT: this file is about nothing else

// Whole blocks are read together up to this, so that a file of small blocks takes few calls.
constexpr uint64_t kReadBytes = 4 << 20;
uint64_t BlockBytes(const BlockInfo& info) {
  return sizeof(BlockHeader) + info.records * RecordBytes(info.kind, info.floats);
}

template <typename T>
T Load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
Result<T> ReadStruct(const InputFile& file, uint64_t offset) {
  T value;
  PRIMACY_TRY(file.ReadAt(offset, std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

class ShardFileReaderImpl final : public ShardFileReader {
 public:
  explicit ShardFileReaderImpl(std::unique_ptr<InputFile> file) : file_(std::move(file)) {}

  Status ReadEnds() {
    if (file_->size() < sizeof(FileHeader) + sizeof(Trailer)) return Broken("cut off");
    PRIMACY_ASSIGN(const uint64_t blocks_begin, ReadHeader());
    return ReadIndex(blocks_begin);
  }

  const std::string& path() const override { return file_->path(); }
  uint64_t file_bytes() const override { return file_->size(); }
  ShardRange shards() const override { return shards_; }
  const ParameterSpec& parameters() const override { return parameters_; }
  TableContent table(int table) const override {
    CHECK(table >= 0 && static_cast<size_t>(table) < tables_.size()) << "table " << table;
    return tables_[static_cast<size_t>(table)];
  }
  uint64_t rows() const override { return trailer_.rows; }
  uint64_t dense_blocks() const override { return trailer_.dense_blocks; }

  Status Visit(ShardRange range, const Visitor& visitor) const override {
    const auto before = [](const IndexEntry& entry, uint32_t shard) {
      return entry.info.shard < shard;
    };
    const auto last = std::lower_bound(index_.begin(), index_.end(), range.end, before);
    auto first = std::lower_bound(index_.begin(), last, range.begin, before);
    std::unique_ptr<std::byte[]> buffer;
    uint64_t capacity = 0;
    while (first < last) {
      auto end = first;
      uint64_t bytes = 0;
      do {
        bytes += BlockBytes(end->info);
        ++end;
      } while (end < last && bytes + BlockBytes(end->info) <= kReadBytes);
      if (bytes > capacity) {
        capacity = std::max(bytes, std::min(kReadBytes, file_->size()));
        buffer = std::make_unique_for_overwrite<std::byte[]>(capacity);
      }
      PRIMACY_TRY(file_->ReadAt(first->offset, {buffer.get(), bytes}));
      const std::byte* at = buffer.get();
      for (; first < end; at += BlockBytes(first->info), ++first) {
        PRIMACY_TRY(CheckBlock(*first, at));
        PRIMACY_TRY(VisitBlock(first->info, at + sizeof(BlockHeader), visitor));
      }
    }
    return Ok();
  }

 private:
  Error Broken(const std::string& what,
               std::source_location where = std::source_location::current()) const {
    return Failure("checkpoint file " + file_->path() + ": " + what, where);
  }
  Error BrokenBlock(const IndexEntry& entry, const std::string& what,
                    std::source_location where = std::source_location::current()) const {
    return Broken(Format("block %zu (shard %u, at byte %llu): %s",
                         static_cast<size_t>(&entry - index_.data()), entry.info.shard,
                         static_cast<unsigned long long>(entry.offset), what.c_str()),
                  where);
  }

  // Where the blocks begin.
  Result<uint64_t> ReadHeader() {
    PRIMACY_ASSIGN(const FileHeader header, ReadStruct<FileHeader>(*file_, 0));
    if (header.magic != kMagic) return Broken("not a shard file (wrong magic)");
    if (header.version != kVersion) {
      return Broken(Format("version %u of the format; this program reads version %u",
                           header.version, kVersion));
    }
    if (header.header_crc != CrcBefore(header, header.header_crc))
      return Broken("header: checksum differs");
    if (header.first_shard >= header.end_shard || header.end_shard > kVirtualShards) {
      return Broken(Format("shards %u to %u", header.first_shard, header.end_shard));
    }
    if (header.parameter_bytes > kParameterBytesMax ||
        header.parameter_bytes > file_->size() - sizeof(FileHeader) - sizeof(Trailer)) {
      return Broken("cut off within its header");
    }
    std::string text(header.parameter_bytes, '\0');
    const auto bytes = std::as_writable_bytes(std::span(text.data(), text.size()));
    PRIMACY_TRY(file_->ReadAt(sizeof(FileHeader), bytes));
    if (Crc32c(0, bytes) != header.parameter_crc) return Broken("parameters: checksum differs");
    if (!parameters_.ParseFromString(text)) return Broken("parameters cannot be parsed");
    auto rules = RecordRules::Create(parameters_);
    if (!rules.ok()) return Error("checkpoint file " + file_->path(), rules.error());
    rules_ = *std::move(rules);
    shards_ = {header.first_shard, header.end_shard};
    return sizeof(FileHeader) + header.parameter_bytes;
  }

  Status ReadIndex(uint64_t blocks_begin) {
    const uint64_t trailer_at = file_->size() - sizeof(Trailer);
    PRIMACY_ASSIGN(trailer_, ReadStruct<Trailer>(*file_, trailer_at));
    if (trailer_.magic != kEndMagic) return Broken("cut off (no end mark)");
    if (trailer_.trailer_crc != CrcBefore(trailer_, trailer_.trailer_crc)) {
      return Broken("trailer: checksum differs");
    }
    if (trailer_.index_offset < blocks_begin || trailer_.index_offset > trailer_at ||
        trailer_at - trailer_.index_offset != uint64_t{trailer_.block_count} * sizeof(IndexEntry)) {
      return Broken("index and file do not have the same size");
    }
    index_.resize(trailer_.block_count);
    const auto bytes = std::as_writable_bytes(std::span(index_));
    PRIMACY_TRY(file_->ReadAt(trailer_.index_offset, bytes));
    if (Crc32c(0, bytes) != trailer_.index_crc) return Broken("index: checksum differs");
    return CheckIndex(blocks_begin);
  }

  // Blocks lie one after the other without a gap, shards rise, and the counts are those of the
  // trailer.
  Status CheckIndex(uint64_t blocks_begin) {
    tables_.resize(static_cast<size_t>(parameters_.table_size()));
    RowSizes row_sizes;
    uint64_t at = blocks_begin;
    uint32_t shard = shards_.begin;
    uint64_t dense_blocks = 0;
    for (const IndexEntry& entry : index_) {
      const BlockInfo& info = entry.info;
      if (!rules_->AllowsBlock(info)) return BrokenBlock(entry, "not of this file's parameters");
      if (info.shard < shard || !shards_.Contains(info.shard))
        return BrokenBlock(entry, "shard out of order");
      if (info.kind == BlockKind::kRows && !row_sizes.Same(info.owner, info.floats)) {
        return BrokenBlock(entry, "rows of another size than before");
      }
      const uint64_t bytes = BlockBytes(info);
      if (entry.offset != at || bytes > sizeof(BlockHeader) + kPayloadBytesMax ||
          bytes > trailer_.index_offset - at) {
        return BrokenBlock(entry, "size or place do not fit the file");
      }
      at += bytes;
      shard = info.shard;
      Count(info, dense_blocks);
    }
    uint64_t rows = 0;
    for (const TableContent& table : tables_) rows += table.rows;
    if (at != trailer_.index_offset || rows != trailer_.rows ||
        dense_blocks != trailer_.dense_blocks) {
      return Broken("index and trailer do not agree");
    }
    return Ok();
  }

  void Count(const BlockInfo& info, uint64_t& dense_blocks) {
    switch (info.kind) {
      case BlockKind::kRows:
        tables_[info.owner].rows += info.records;
        tables_[info.owner].row_floats = info.floats;
        break;
      case BlockKind::kWaiting:
        tables_[info.owner].waiting += info.records;
        break;
      case BlockKind::kDense:
        dense_blocks += info.records;
        break;
    }
  }

  // The block at `bytes`, checksums and each record's place.
  Status CheckBlock(const IndexEntry& entry, const std::byte* bytes) const {
    const auto header = Load<BlockHeader>(bytes);
    if (header.magic != kBlockMagic || header.header_crc != CrcBefore(header, header.header_crc)) {
      return BrokenBlock(entry, "header: checksum differs");
    }
    if (header.info != entry.info) return BrokenBlock(entry, "header and index differ");
    const BlockInfo& info = entry.info;
    const std::byte* payload = bytes + sizeof(BlockHeader);
    const size_t record_bytes = RecordBytes(info.kind, info.floats);
    if (Crc32c(0, {payload, info.records * record_bytes}) != info.payload_crc) {
      return BrokenBlock(entry, "checksum differs");
    }
    for (uint32_t i = 0; i < info.records; ++i, payload += record_bytes) {
      const bool allowed = info.kind == BlockKind::kDense
                               ? rules_->AllowsDense(info.shard, info.owner,
                                                     Load<DenseRecord>(payload).number, info.floats)
                               : rules_->AllowsRow(info.shard, Load<RowRecord>(payload).key);
      if (!allowed) return BrokenBlock(entry, Format("record %u does not belong to this shard", i));
    }
    return Ok();
  }

  static Status VisitBlock(const BlockInfo& info, const std::byte* payload,
                           const Visitor& visitor) {
    if (info.kind != BlockKind::kDense) return VisitRows(info, payload, visitor);
    if (!visitor.block) return Ok();
    const size_t record_bytes = RecordBytes(info.kind, info.floats);
    for (uint32_t i = 0; i < info.records; ++i, payload += record_bytes) {
      PRIMACY_TRY(visitor.block(info.shard,
                                {static_cast<int>(info.owner), Load<DenseRecord>(payload).number,
                                 FloatsAt(payload + sizeof(DenseRecord), info)}));
    }
    return Ok();
  }

  static Status VisitRows(const BlockInfo& info, const std::byte* payload, const Visitor& visitor) {
    if (!visitor.rows && !visitor.row) return Ok();
    const size_t record_bytes = RecordBytes(info.kind, info.floats);
    std::array<StoredRow, kRowsTogether> rows;
    for (size_t begin = 0; begin < info.records; begin += kRowsTogether) {
      const size_t count = std::min(kRowsTogether, info.records - begin);
      for (size_t i = 0; i < count; ++i, payload += record_bytes) {
        const auto record = Load<RowRecord>(payload);
        rows[i] = {static_cast<int>(info.owner), record.key, record.update_count, record.last_pass,
                   FloatsAt(payload + sizeof(RowRecord), info)};
      }
      if (visitor.rows) {
        PRIMACY_TRY(visitor.rows(info.shard, std::span(rows).first(count)));
        continue;
      }
      for (size_t i = 0; i < count; ++i) PRIMACY_TRY(visitor.row(info.shard, rows[i]));
    }
    return Ok();
  }

  // Records are multiples of four bytes in a buffer that is aligned for anything.
  static std::span<const float> FloatsAt(const std::byte* at, const BlockInfo& info) {
    return {reinterpret_cast<const float*>(at), info.floats};
  }

  const std::unique_ptr<InputFile> file_;
  ShardRange shards_;
  ParameterSpec parameters_;
  std::optional<RecordRules> rules_;
  Trailer trailer_;
  std::vector<IndexEntry> index_;
  std::vector<TableContent> tables_;  // [table]
};

}  // namespace

Result<std::unique_ptr<ShardFileReader>> ShardFileReader::Open(const std::string& path) {
  PRIMACY_ASSIGN(auto file, InputFile::Open(path));
  auto reader = std::make_unique<ShardFileReaderImpl>(std::move(file));
  PRIMACY_TRY(reader->ReadEnds());
  return std::unique_ptr<ShardFileReader>(std::move(reader));
}

}  // namespace primacy
