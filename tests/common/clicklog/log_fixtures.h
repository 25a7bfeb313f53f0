// A small log with every kind of column, for the tests of the click log.
#pragma once

#include <cstdint>

#include "common/base/hash.h"
#include "common/clicklog/block.h"

namespace primacy::testing_support {

// Slots user (single), item (single), tags (multi); two dense features; labels click and like; all
// optional columns.
inline LogSchema FullSchema() {
  LogSchema schema;
  schema.add_slot()->set_name("user");
  schema.add_slot()->set_name("item");
  LogSchema::Slot* tags = schema.add_slot();
  tags->set_name("tags");
  tags->set_multi_valued(true);
  schema.add_dense()->set_name("price");
  schema.add_dense()->set_name("age");
  schema.add_label()->set_name("click");
  schema.add_label()->set_name("like");
  schema.set_has_weight(true);
  schema.set_has_group_id(true);
  schema.set_has_row_id(true);
  schema.set_has_timestamp(true);
  return schema;
}

// Row `r` of FullSchema, a pure function of r. Every fifth row has no tags; every third lacks
// `like`.
inline LogRow FullRow(uint64_t r) {
  LogRow row;
  row.slots.resize(3);
  row.slots[0] = {Mix64(r / 4)};
  row.slots[1] = {Mix64(1000 + r)};
  for (uint64_t t = 0; t < r % 5; ++t) row.slots[2].push_back(Mix64(50 + (r + t) % 7));
  row.dense = {static_cast<float>(RandomNormal(3, r)), static_cast<float>(r % 3)};
  row.labels = {r % 2 == 0 ? 1.0f : 0.0f, r % 7 == 0 ? 1.0f : 0.0f};
  row.masks = {1, static_cast<uint8_t>(r % 3 == 0 ? 0 : 1)};
  row.weight = 1.0f + static_cast<float>(r % 2);
  row.group_id = r / 4;
  row.row_id = 7000 + r;
  row.timestamp = -5 + static_cast<int64_t>(10 * r);
  return row;
}

inline LogBlock FullBlock(uint64_t first_row, uint32_t rows) {
  LogBlock block = MakeBlock(FullSchema());
  for (uint64_t r = 0; r < rows; ++r) AppendRow(FullSchema(), FullRow(first_row + r), block);
  return block;
}

inline bool operator==(const SlotColumn& a, const SlotColumn& b) {
  return a.offsets == b.offsets && a.keys == b.keys;
}

inline bool SameBlock(const LogBlock& a, const LogBlock& b) {
  if (a.slots.size() != b.slots.size()) return false;
  for (size_t s = 0; s < a.slots.size(); ++s) {
    if (!(a.slots[s] == b.slots[s])) return false;
  }
  return a.rows == b.rows && a.dense == b.dense && a.labels == b.labels && a.masks == b.masks &&
         a.weights == b.weights && a.group_ids == b.group_ids && a.row_ids == b.row_ids &&
         a.timestamps == b.timestamps;
}

}  // namespace primacy::testing_support
