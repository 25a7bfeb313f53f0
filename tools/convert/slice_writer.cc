#include "tools/convert/slice_writer.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "common/base/atomic_file.h"

namespace primacy {
namespace {

constexpr size_t kBlockBytes = 8 << 20;  // a block of very long rows ends here
constexpr uint32_t kGroupStretch =
    4;  // a block grows to this many times its size for a group's sake

}  // namespace

SliceWriter::SliceWriter(const LogSchema& schema, const RowCodec& codec, SliceOptions options)
    : schema_(schema),
      codec_(codec),
      options_(std::move(options)),
      parts_(static_cast<size_t>(options_.parts)),
      block_(MakeBlock(schema)) {}

bool SliceWriter::BlockEnds(uint64_t group) const {
  const auto over = [&](uint64_t times) {
    return block_.rows >= times * options_.rows_per_block || block_bytes_ >= times * kBlockBytes;
  };
  if (!over(1)) return false;
  const bool inside_group = schema_.has_group_id() && group == last_group_;
  return !inside_group || over(kGroupStretch);
}

bool SliceWriter::PartEnds(uint64_t group) const {
  if (!options_.rows || block_.rows == 0 || part_ + 1 >= parts_.size()) return false;
  // Part p ends at row (p + 1) · rows / parts.
  const auto end =
      static_cast<uint64_t>(static_cast<__uint128_t>(*options_.rows) * (part_ + 1) / parts_.size());
  return rows_ >= end && !(schema_.has_group_id() && group == last_group_);
}

Status SliceWriter::Add(const SequencedRow& row) {
  const uint64_t group = codec_.GroupId(row.bytes);
  const bool part_ends = PartEnds(group);
  if (part_ends || (block_.rows > 0 && BlockEnds(group))) {
    PRIMACY_TRY(WriteBlock());
    if (part_ends) {
      PRIMACY_TRY(FinishPart(part_));
      ++part_;
    } else if (!options_.rows) {
      part_ = (part_ + 1) % parts_.size();
    }
  }
  PRIMACY_TRY(codec_.Append(row.bytes, block_));
  block_bytes_ += row.bytes.size();
  last_group_ = group;
  ++rows_;
  return Ok();
}

Status SliceWriter::WriteBlock() {
  if (!parts_[part_]) {
    PRIMACY_TRY(MakeDirectories(options_.folder));
    PRIMACY_ASSIGN(parts_[part_],
                   LogPartWriter::Create(options_.folder + "/" + PartName(static_cast<int>(part_)),
                                         schema_, {.rows_per_block = options_.rows_per_block}));
  }
  PRIMACY_TRY(parts_[part_]->AppendBlock(block_));
  block_ = MakeBlock(schema_);
  block_bytes_ = 0;
  return Ok();
}

Status SliceWriter::FinishPart(size_t part) {
  PRIMACY_TRY(parts_[part]->Finish());
  parts_[part].reset();
  std::error_code error;
  const auto size =
      std::filesystem::file_size(options_.folder + "/" + PartName(static_cast<int>(part)), error);
  if (!error) file_bytes_ += size;
  return Ok();
}

Status SliceWriter::Finish() {
  if (block_.rows > 0) PRIMACY_TRY(WriteBlock());
  for (size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part]) PRIMACY_TRY(FinishPart(part));
  }
  return Ok();
}

}  // namespace primacy
