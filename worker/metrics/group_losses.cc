#include "worker/metrics/group_losses.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "worker/metrics/value_bytes.h"

namespace primacy {
namespace {

constexpr char kName[] = "losses of groups that another worker sent";
constexpr uint32_t kMagic = 0x31565047;  // "GPV1"

// header | block[blocks] | id[entries], if has_ids | for each wanted task: weight[entries]
// loss[entries]. All as in memory; the length follows from the header.
struct Header {
  uint32_t magic = kMagic;
  uint32_t has_ids = 0;
  uint64_t wanted = 0;
  uint64_t blocks = 0;
  uint64_t entries = 0;
};
static_assert(sizeof(Header) == 32 && sizeof(GroupLossPart::Block) == 8);

Result<Header> TakeHeader(uint64_t wanted, ValueReader& reader) {
  PRIMACY_ASSIGN(const Header header, reader.TakeHeader<Header>());
  if (header.has_ids > 1) return reader.Refuse("ids are neither there nor not");
  if (header.wanted != wanted) return reader.Refuse("of other tasks than were asked for");
  const size_t entry_bytes = header.has_ids * sizeof(uint64_t) +
                             static_cast<size_t>(std::popcount(wanted)) * 2 * sizeof(double);
  PRIMACY_TRY(
      reader.CheckLeft(static_cast<__uint128_t>(header.blocks) * sizeof(GroupLossPart::Block) +
                       static_cast<__uint128_t>(header.entries) * entry_bytes));
  return header;
}

Error NotParts(const std::string& why) { return Failure(std::string(kName) + ": " + why); }

// Where a block's entries are.
struct BlockAt {
  uint32_t block;
  const GroupLosses* entries;
  size_t first;
  size_t count;
};

// All blocks in order, each of [0, block_count) exactly once.
Result<std::vector<BlockAt>> InOrder(const std::vector<GroupLossPart>& parts,
                                     uint32_t block_count) {
  std::vector<BlockAt> order;
  for (const GroupLossPart& part : parts) {
    size_t first = 0;
    for (const GroupLossPart::Block& block : part.blocks()) {
      order.push_back({block.block, &part.entries(), first, block.entries});
      first += block.entries;
    }
  }
  std::sort(order.begin(), order.end(),
            [](const BlockAt& a, const BlockAt& b) { return a.block < b.block; });
  bool whole = order.size() == block_count;
  for (size_t b = 0; whole && b < order.size(); ++b) whole = order[b].block == b;
  if (!whole) return NotParts("blocks are missing, or were evaluated twice");
  return order;
}

void Extend(GroupLosses::Column& column) {
  column.weight.push_back(0);
  column.loss.push_back(0);
}

// The groups' places in `merged`, by id.
class GroupPlaces {
 public:
  explicit GroupPlaces(GroupLosses& merged) : merged_(merged) {}

  size_t Of(const BlockAt& at, size_t entry, uint64_t wanted) {
    if (!at.entries->ids.empty()) {
      const auto [found, is_new] = places_.try_emplace(at.entries->ids[entry], merged_.groups);
      if (!is_new) return found->second;
      merged_.ids.push_back(found->first);
    }
    for (uint64_t left = wanted; left != 0; left &= left - 1)
      Extend(merged_.tasks[static_cast<size_t>(std::countr_zero(left))]);
    return merged_.groups++;
  }

 private:
  GroupLosses& merged_;
  std::unordered_map<uint64_t, size_t> places_;
};

}  // namespace

GroupLossPart::GroupLossPart(size_t tasks, uint64_t wanted) : wanted_(wanted) {
  entries_.tasks.resize(tasks);
}

size_t GroupLossPart::EntryOf(const ScoredRows& rows, size_t row) {
  if (!rows.group_ids.empty()) {
    const auto [found, is_new] = entry_of_.try_emplace(rows.group_ids[row], entries_.groups);
    if (!is_new) return found->second;
    entries_.ids.push_back(rows.group_ids[row]);
  }
  for (size_t t = 0; t < entries_.tasks.size(); ++t) {
    if (Wanted(t)) Extend(entries_.tasks[t]);
  }
  ++blocks_.back().entries;
  return entries_.groups++;
}

void GroupLossPart::Add(uint32_t block, const ScoredRows& rows) {
  const size_t tasks = entries_.tasks.size();
  CHECK_EQ(rows.losses.size(), rows.rows * tasks);
  CHECK_EQ(rows.weights.size(), rows.rows * tasks);
  CHECK(rows.group_ids.empty() || rows.group_ids.size() == rows.rows);
  CHECK(blocks_.empty() || blocks_.back().block <= block)
      << "block " << block << " is out of order";
  if (blocks_.empty() || blocks_.back().block != block) {
    blocks_.push_back({block, 0});
    entry_of_.clear();
  }
  for (size_t row = 0; row < rows.rows; ++row) {
    const size_t entry = EntryOf(rows, row);
    for (size_t t = 0; t < tasks; ++t) {
      const double weight = rows.weights[row * tasks + t];
      if (!Wanted(t) || !(weight > 0)) continue;
      entries_.tasks[t].weight[entry] += weight;
      entries_.tasks[t].loss[entry] += weight * rows.losses[row * tasks + t];
    }
  }
  CHECK(entries_.ids.empty() || entries_.ids.size() == entries_.groups);
}

std::string GroupLossPart::Serialize() const {
  Header header;
  header.has_ids = entries_.ids.empty() ? 0 : 1;
  header.wanted = wanted_;
  header.blocks = blocks_.size();
  header.entries = entries_.groups;
  std::string bytes;
  PutValues(&header, 1, bytes);
  PutValues(blocks_.data(), blocks_.size(), bytes);
  PutValues(entries_.ids.data(), entries_.ids.size(), bytes);
  for (const GroupLosses::Column& column : entries_.tasks) {
    PutValues(column.weight.data(), column.weight.size(), bytes);
    PutValues(column.loss.data(), column.loss.size(), bytes);
  }
  return bytes;
}

Result<GroupLossPart> GroupLossPart::Parse(size_t tasks, uint64_t wanted,
                                           const std::string& bytes) {
  ValueReader reader(kName, bytes);
  PRIMACY_ASSIGN(const Header header, TakeHeader(wanted, reader));
  GroupLossPart part(tasks, wanted);
  reader.Take(header.blocks, part.blocks_);
  uint64_t entries = 0;
  for (size_t b = 0; b < part.blocks_.size(); ++b) {
    if (b > 0 && part.blocks_[b].block <= part.blocks_[b - 1].block)
      return reader.Refuse("blocks out of order");
    entries += part.blocks_[b].entries;
  }
  if (entries != header.entries) return reader.Refuse("blocks do not add up to their groups");
  part.entries_.groups = header.entries;
  if (header.has_ids != 0) reader.Take(header.entries, part.entries_.ids);
  for (size_t t = 0; t < tasks; ++t) {
    if (!part.Wanted(t)) continue;
    reader.Take(header.entries, part.entries_.tasks[t].weight);
    reader.Take(header.entries, part.entries_.tasks[t].loss);
  }
  return part;
}

Result<GroupLosses> MergeGroupLosses(size_t tasks, uint64_t wanted, uint32_t block_count,
                                     std::span<const std::string> parts) {
  std::vector<GroupLossPart> parsed;
  size_t with_ids = 0, with_entries = 0;
  for (const std::string& bytes : parts) {
    PRIMACY_ASSIGN(GroupLossPart part, GroupLossPart::Parse(tasks, wanted, bytes));
    if (part.entries().groups > 0) ++with_entries;
    if (!part.entries().ids.empty()) ++with_ids;
    parsed.push_back(std::move(part));
  }
  if (with_ids != 0 && with_ids != with_entries) return NotParts("some have group ids, some none");
  PRIMACY_ASSIGN(const std::vector<BlockAt> order, InOrder(parsed, block_count));
  GroupLosses merged;
  merged.tasks.resize(tasks);
  GroupPlaces places(merged);
  for (const BlockAt& at : order) {
    for (size_t entry = at.first; entry < at.first + at.count; ++entry) {
      const size_t group = places.Of(at, entry, wanted);
      for (uint64_t left = wanted; left != 0; left &= left - 1) {
        const auto t = static_cast<size_t>(std::countr_zero(left));
        merged.tasks[t].weight[group] += at.entries->tasks[t].weight[entry];
        merged.tasks[t].loss[group] += at.entries->tasks[t].loss[entry];
      }
    }
  }
  return merged;
}

}  // namespace primacy
