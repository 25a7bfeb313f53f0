#include "tools/convert/row_codec.h"

#include <cstring>

namespace primacy {
namespace {

// group, row id, timestamp, weight, labels, masks, dense features, then each slot's keys (after
// their count if multi-valued).
template <typename T>
std::byte* Put(std::byte* at, const T* values, size_t count) {
  if (count > 0) std::memcpy(at, values, count * sizeof(T));
  return at + count * sizeof(T);
}

template <typename T>
const std::byte* TakeOneInto(const std::byte* at, std::vector<T>& values) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  values.push_back(value);
  return at + sizeof(T);
}

template <typename T>
const std::byte* TakeInto(const std::byte* at, size_t count, std::vector<T>& values) {
  const size_t old = values.size();
  values.resize(old + count);
  if (count > 0) std::memcpy(values.data() + old, at, count * sizeof(T));
  return at + count * sizeof(T);
}

}  // namespace

RowCodec::RowCodec(const LogSchema& schema)
    : dense_(static_cast<size_t>(schema.dense_size())),
      labels_(static_cast<size_t>(schema.label_size())),
      has_weight_(schema.has_weight()),
      has_group_id_(schema.has_group_id()),
      has_row_id_(schema.has_row_id()),
      has_timestamp_(schema.has_timestamp()) {
  for (const LogSchema::Slot& slot : schema.slot()) multi_valued_.push_back(slot.multi_valued());
  fixed_bytes_ = 3 * sizeof(uint64_t) + sizeof(float) * (1 + labels_ + dense_) + labels_;
}

void RowCodec::Encode(const LogRow& row, std::vector<std::byte>& bytes) const {
  size_t size = fixed_bytes_;
  for (size_t s = 0; s < multi_valued_.size(); ++s) {
    size += row.slots[s].size() * sizeof(uint64_t) + (multi_valued_[s] ? sizeof(uint32_t) : 0);
  }
  const size_t begin = bytes.size();
  bytes.resize(begin + size);
  std::byte* at = Put(bytes.data() + begin, &row.group_id, 1);
  at = Put(at, &row.row_id, 1);
  at = Put(at, &row.timestamp, 1);
  at = Put(at, &row.weight, 1);
  at = Put(at, row.labels.data(), labels_);
  at = Put(at, row.masks.data(), labels_);
  at = Put(at, row.dense.data(), dense_);
  for (size_t s = 0; s < multi_valued_.size(); ++s) {
    const auto count = static_cast<uint32_t>(row.slots[s].size());
    if (multi_valued_[s]) {
      at = Put(at, &count, 1);
    } else {
      DCHECK_EQ(count, 1u);
    }
    at = Put(at, row.slots[s].data(), count);
  }
}

uint64_t RowCodec::GroupId(std::span<const std::byte> bytes) const {
  uint64_t group = 0;
  if (has_group_id_ && bytes.size() >= sizeof(group))
    std::memcpy(&group, bytes.data(), sizeof(group));
  return group;
}

Status RowCodec::Append(std::span<const std::byte> bytes, LogBlock& block) const {
  if (bytes.size() < fixed_bytes_) return Failure("temporary rows are damaged");
  const std::byte* at = bytes.data();
  const std::byte* const end = at + bytes.size();
  if (has_group_id_) TakeOneInto(at, block.group_ids);
  at += sizeof(uint64_t);
  if (has_row_id_) TakeOneInto(at, block.row_ids);
  at += sizeof(uint64_t);
  if (has_timestamp_) TakeOneInto(at, block.timestamps);
  at += sizeof(int64_t);
  if (has_weight_) TakeOneInto(at, block.weights);
  at += sizeof(float);
  at = TakeInto(at, labels_, block.labels);
  at = TakeInto(at, labels_, block.masks);
  for (auto& column : block.dense) at = TakeOneInto(at, column);
  for (size_t s = 0; s < multi_valued_.size(); ++s) {
    SlotColumn& column = block.slots[s];
    if (!multi_valued_[s]) {
      if (end - at < static_cast<std::ptrdiff_t>(sizeof(uint64_t))) {
        return Failure("temporary rows are damaged");
      }
      at = TakeOneInto(at, column.keys);
      continue;
    }
    uint32_t count = 0;
    if (end - at < static_cast<std::ptrdiff_t>(sizeof(count))) {
      return Failure("temporary rows are damaged");
    }
    std::memcpy(&count, at, sizeof(count));
    at += sizeof(count);
    if (static_cast<uint64_t>(end - at) < uint64_t{count} * sizeof(uint64_t)) {
      return Failure("temporary rows are damaged");
    }
    at = TakeInto(at, count, column.keys);
    column.offsets.push_back(static_cast<uint32_t>(column.keys.size()));
  }
  ++block.rows;
  return Ok();
}

}  // namespace primacy
