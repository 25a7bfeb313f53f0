// What of a server's parameters goes into its file, and how: the same for tables that stand still
// and for a copy of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/ids.h"
#include "common/protocol/sharding.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/table/dense_content.h"
#include "ps/table/row_arena.h"
#include "ps/table/waiting_keys.h"

namespace primacy {

// The rows and waiting keys of a table. `Keys` has ForEach(visit(key, row)). Refers to all it
// names: valid while they are.
template <typename Keys>
struct TableContent {
  static constexpr uint32_t kWaits = ~0u;
  struct Entry {
    Key key;
    uint32_t row;  // kWaits for a key that waits for one
  };

  int number;         // index into ParameterSpec.table
  size_t row_floats;  // weights and slots
  const Keys& keys;
  const RowArena& arena;
  const WaitingKeys& waiting;

  // Keys of a range of shards, rising, those that wait among them.
  std::vector<Entry> Sorted(ShardRange shards) const;
  StoredRow Stored(const Entry& entry) const;
};

// Rows in the order (shard, table, key), so that equal contents give equal bytes.
template <typename Keys>
Status SaveContent(ShardRange shards, const std::vector<TableContent<Keys>>& tables,
                   const DenseContent& dense, ShardFileWriter& writer);

template <typename Keys>
std::vector<typename TableContent<Keys>::Entry> TableContent<Keys>::Sorted(
    ShardRange shards) const {
  std::vector<Entry> entries;
  keys.ForEach([&](Key key, uint32_t row) {
    if (shards.Contains(ShardOf(key))) entries.push_back({key, row});
  });
  std::vector<Key> waits;
  for (uint32_t shard = shards.begin; shard < shards.end; ++shard) waiting.AppendKeys(shard, waits);
  for (const Key key : waits) entries.push_back({key, kWaits});
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key < b.key; });
  return entries;
}

template <typename Keys>
StoredRow TableContent<Keys>::Stored(const Entry& entry) const {
  const bool waits = entry.row == kWaits;
  const RowCounters counters = waits ? *waiting.Find(entry.key) : arena.counters(entry.row);
  StoredRow stored{.table = number,
                   .key = entry.key,
                   .update_count = counters.update_count,
                   .last_pass = counters.last_pass};
  if (!waits) stored.floats = {arena.row(entry.row), row_floats};
  return stored;
}

// The rows and blocks of `shards`.
template <typename Keys>
Status SavePart(ShardRange shards, const std::vector<TableContent<Keys>>& tables,
                const DenseContent& dense, ShardFileWriter& writer) {
  // Rows lie anywhere: those that come next are on their way from memory.
  constexpr size_t kAhead = 12;
  std::vector<std::vector<typename TableContent<Keys>::Entry>> entries;
  for (const TableContent<Keys>& table : tables) entries.push_back(table.Sorted(shards));
  std::vector<size_t> next(tables.size());
  const auto in_shard = [&](size_t t, uint32_t shard) {
    return next[t] < entries[t].size() && ShardOf(entries[t][next[t]].key) == shard;
  };
  for (uint32_t shard = shards.begin; shard < shards.end; ++shard) {
    const auto [first, last] = std::equal_range(
        dense.blocks.begin(), dense.blocks.end(), DenseBlock{.shard = shard},
        [](const DenseBlock& a, const DenseBlock& b) { return a.shard < b.shard; });
    bool any = first != last;
    for (size_t t = 0; t < tables.size(); ++t) any |= in_shard(t, shard);
    if (!any) continue;
    PRIMACY_TRY(writer.BeginShard(shard));
    for (size_t t = 0; t < tables.size(); ++t) {
      for (; in_shard(t, shard); ++next[t]) {
        if (next[t] + kAhead < entries[t].size()) {
          const uint32_t row = entries[t][next[t] + kAhead].row;
          if (row != TableContent<Keys>::kWaits) tables[t].arena.PrefetchToSave(row);
        }
        PRIMACY_TRY(writer.AddRow(tables[t].Stored(entries[t][next[t]])));
      }
    }
    for (auto block = first; block != last; ++block) {
      PRIMACY_TRY(writer.AddBlock(dense.Stored(static_cast<size_t>(block - dense.blocks.begin()))));
    }
  }
  return Ok();
}

template <typename Keys>
Status SaveContent(ShardRange shards, const std::vector<TableContent<Keys>>& tables,
                   const DenseContent& dense, ShardFileWriter& writer) {
  // A share of the keys is sorted at a time, so that it needs little memory besides the table's.
  const uint32_t parts = tables.empty() ? 1 : 16;
  for (uint32_t part = 0; part < parts; ++part) {
    const uint32_t size = shards.size();
    PRIMACY_TRY(
        SavePart({shards.begin + size * part / parts, shards.begin + size * (part + 1) / parts},
                 tables, dense, writer));
  }
  return Ok();
}

}  // namespace primacy
