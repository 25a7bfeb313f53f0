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

SliceWriter::SliceWriter(const LogSchema& schema, const RowCodec& codec, PackingThreads packing,
                         SliceOptions options)
    : schema_(schema),
      codec_(codec),
      packing_(packing),
      options_(std::move(options)),
      parts_(static_cast<size_t>(options_.parts)) {}

bool SliceWriter::BlockEnds(uint64_t group) const {
  const auto over = [&](uint64_t times) {
    return run_.ends.size() >= times * options_.rows_per_block ||
           run_.bytes.size() >= times * kBlockBytes;
  };
  if (!over(1)) return false;
  const bool inside_group = schema_.has_group_id() && group == last_group_;
  return !inside_group || over(kGroupStretch);
}

bool SliceWriter::PartEnds(uint64_t group) const {
  if (!options_.rows || run_.ends.empty() || part_ + 1 >= parts_.size()) return false;
  // Part p ends at row (p + 1) · rows / parts.
  const auto end =
      static_cast<uint64_t>(static_cast<__uint128_t>(*options_.rows) * (part_ + 1) / parts_.size());
  return rows_ >= end && !(schema_.has_group_id() && group == last_group_);
}

Status SliceWriter::Add(const SequencedRow& row) {
  const uint64_t group = codec_.GroupId(row.bytes);
  const bool part_ends = PartEnds(group);
  if (part_ends || (!run_.ends.empty() && BlockEnds(group))) {
    PRIMACY_TRY(EndBlock());
    if (part_ends) {
      while (!in_flight_.empty()) PRIMACY_TRY(WriteOldest());
      FinishPart(part_);
      ++part_;
    } else if (!options_.rows) {
      part_ = (part_ + 1) % parts_.size();
    }
  }
  run_.bytes.insert(run_.bytes.end(), row.bytes.begin(), row.bytes.end());
  run_.ends.push_back(run_.bytes.size());
  last_group_ = group;
  ++rows_;
  return Ok();
}

std::string SliceWriter::PathOf(size_t part) const {
  return options_.folder + "/" + PartName(static_cast<int>(part));
}

Status SliceWriter::EndBlock() {
  const size_t bytes = run_.bytes.size();
  auto job = [this, run = std::exchange(run_, {})](int thread) -> Result<PackedBlock> {
    LogBlock block = MakeBlock(schema_);
    for (SlotColumn& slot : block.slots) slot.keys.reserve(run.ends.size());
    size_t begin = 0;
    for (const size_t end : run.ends) {
      PRIMACY_TRY(codec_.Append(std::span(run.bytes).subspan(begin, end - begin), block));
      begin = end;
    }
    return packing_.packers[static_cast<size_t>(thread)].Pack(schema_, block);
  };
  run_.bytes.reserve(bytes + bytes / 8);  // the next block will be about as large
  in_flight_.push_back({part_, packing_.threads.Run(std::move(job))});
  while (in_flight_.size() >= packing_.threads.ahead()) PRIMACY_TRY(WriteOldest());
  return Ok();
}

Status SliceWriter::WriteOldest() {
  const size_t part = in_flight_.front().part;
  const Result<PackedBlock> block = in_flight_.front().block.get();
  in_flight_.pop_front();
  if (!block.ok()) return Error(PathOf(part), block.error());
  if (!parts_[part]) {
    PRIMACY_TRY(MakeDirectories(options_.folder));
    PRIMACY_ASSIGN(
        parts_[part],
        LogPartWriter::Create(PathOf(part), schema_, {.rows_per_block = options_.rows_per_block}));
  }
  return parts_[part]->AppendPacked(*block);
}

void SliceWriter::FinishPart(size_t part) {
  // A std::function must be copyable, a unique_ptr is not.
  std::shared_ptr<LogPartWriter> writer = std::move(parts_[part]);
  finished_.push_back(packing_.threads.Run([writer, path = PathOf(part)](int) -> FinishedPart {
    PRIMACY_TRY(writer->Finish());
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    return error ? 0 : size;
  }));
}

Status SliceWriter::Finish() {
  if (!run_.ends.empty()) PRIMACY_TRY(EndBlock());
  while (!in_flight_.empty()) PRIMACY_TRY(WriteOldest());
  for (size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part]) FinishPart(part);
  }
  for (std::future<FinishedPart>& finished : finished_) {
    PRIMACY_ASSIGN(const uint64_t bytes, finished.get());
    file_bytes_ += bytes;
  }
  return Ok();
}

}  // namespace primacy
