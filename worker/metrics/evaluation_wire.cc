// The bytes of an EvaluationPart:
//
//   header | block[blocks] | column[ranked tasks] | group id[rows], if has_groups
//   block  = BlockHeader | TaskSums[tasks]
//   column = float prediction[rows] | float label[rows] | float weight[rows]
//
// All little-endian and as in memory; the length follows from the header.
#include "common/base/strings.h"
#include "worker/metrics/evaluation.h"
#include "worker/metrics/value_bytes.h"

namespace primacy {
namespace {

constexpr uint32_t kMagic = 0x31565045;  // "EPV1"

struct Header {
  uint32_t magic = kMagic;
  uint32_t tasks = 0;
  uint32_t ranked = 0;
  uint32_t has_groups = 0;
  uint64_t blocks = 0;
  uint64_t rows = 0;
};
struct BlockHeader {
  uint32_t block = 0;
  uint32_t rows = 0;
};
static_assert(sizeof(Header) == 32 && sizeof(BlockHeader) == 8 && sizeof(TaskSums) == 48);

uint32_t RankedTasks(const EvaluationSpec& spec) {
  uint32_t ranked = 0;
  for (size_t t = 0; t < spec.tasks.size(); ++t) ranked += spec.Ranked(t) ? 1 : 0;
  return ranked;
}

Result<Header> TakeHeader(const EvaluationSpec& spec, ValueReader& reader) {
  PRIMACY_ASSIGN(const Header header, reader.TakeHeader<Header>());
  if (header.tasks != spec.tasks.size() || header.ranked != RankedTasks(spec) ||
      header.has_groups > 1) {
    return reader.Refuse(Format("%u tasks, %u of them ranked, where %zu and %u are evaluated",
                                header.tasks, header.ranked, spec.tasks.size(), RankedTasks(spec)));
  }
  PRIMACY_TRY(reader.CheckLeft(
      static_cast<__uint128_t>(header.blocks) *
          (sizeof(BlockHeader) + size_t{header.tasks} * sizeof(TaskSums)) +
      static_cast<__uint128_t>(header.rows) *
          (size_t{header.ranked} * 3 * sizeof(float) + header.has_groups * sizeof(uint64_t))));
  return header;
}

}  // namespace

std::string EvaluationPart::Serialize() const {
  Header header;
  header.tasks = static_cast<uint32_t>(spec_.tasks.size());
  header.ranked = RankedTasks(spec_);
  header.has_groups = group_ids_.empty() ? 0 : 1;
  header.blocks = blocks_.size();
  header.rows = rows_;
  std::string bytes;
  PutValues(&header, 1, bytes);
  for (const Block& block : blocks_) {
    const BlockHeader block_header{block.block, block.rows};
    PutValues(&block_header, 1, bytes);
    PutValues(block.sums.data(), block.sums.size(), bytes);
  }
  for (size_t t = 0; t < columns_.size(); ++t) {
    if (!spec_.Ranked(t)) continue;
    PutValues(columns_[t].predictions.data(), rows_, bytes);
    PutValues(columns_[t].labels.data(), rows_, bytes);
    PutValues(columns_[t].weights.data(), rows_, bytes);
  }
  PutValues(group_ids_.data(), group_ids_.size(), bytes);
  return bytes;
}

Result<EvaluationPart> EvaluationPart::Parse(const EvaluationSpec& spec, const std::string& bytes) {
  ValueReader reader("part of an evaluation that another worker sent", bytes);
  PRIMACY_ASSIGN(const Header header, TakeHeader(spec, reader));
  EvaluationPart part(spec);
  part.blocks_.reserve(header.blocks);
  for (uint64_t b = 0; b < header.blocks; ++b) {
    BlockHeader block;
    reader.Take(1, &block);
    if (b > 0 && block.block <= part.blocks_.back().block)
      return reader.Refuse("blocks out of order");
    part.blocks_.push_back({block.block, block.rows, {}});
    reader.Take(header.tasks, part.blocks_.back().sums);
    part.rows_ += block.rows;
  }
  if (part.rows_ != header.rows) return reader.Refuse("its blocks do not add up to its rows");
  for (size_t t = 0; t < part.columns_.size(); ++t) {
    if (!spec.Ranked(t)) continue;
    reader.Take(part.rows_, part.columns_[t].predictions);
    reader.Take(part.rows_, part.columns_[t].labels);
    reader.Take(part.rows_, part.columns_[t].weights);
  }
  if (header.has_groups != 0) reader.Take(part.rows_, part.group_ids_);
  return part;
}

}  // namespace primacy
