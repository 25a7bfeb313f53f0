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
#include "ps/table/saved_keys.h"
#include "ps/table/waiting_keys.h"

namespace primacy {

// The rows and waiting keys of a table. `Keys` has ForEach(visit(key, row)). Refers to all it
// names: valid while they are.
template <typename Keys>
struct TableContent {
  int number;         // index into ParameterSpec.table
  size_t row_floats;  // weights and slots
  const Keys& keys;
  const RowArena& arena;
  const WaitingKeys& waiting;

  // Visits every key with its row, or SavedKey::kWaits, in no particular order.
  template <typename Visit>
  void ForEachKey(ShardRange shards, Visit visit) const;
  StoredRow Stored(const SavedKey& saved) const;
};

// Rows in the order (shard, table, key), so that equal contents give equal bytes.
template <typename Keys>
Status SaveContent(ShardRange shards, const std::vector<TableContent<Keys>>& tables,
                   const DenseContent& dense, ShardFileWriter& writer);

template <typename Keys>
template <typename Visit>
void TableContent<Keys>::ForEachKey(ShardRange shards, Visit visit) const {
  keys.ForEach(visit);
  if (waiting.size() == 0) return;
  std::vector<Key> waits;
  for (uint32_t shard = shards.begin; shard < shards.end; ++shard) waiting.AppendKeys(shard, waits);
  for (const Key key : waits) visit(key, SavedKey::kWaits);
}

template <typename Keys>
StoredRow TableContent<Keys>::Stored(const SavedKey& saved) const {
  const bool waits = saved.row == SavedKey::kWaits;
  const RowCounters counters = waits ? *waiting.Find(saved.key) : arena.counters(saved.row);
  StoredRow stored{.table = number,
                   .key = saved.key,
                   .update_count = counters.update_count,
                   .last_pass = counters.last_pass};
  if (!waits) stored.floats = {arena.row(saved.row), row_floats};
  return stored;
}

// The rows and blocks of `shards`; keys[table] are those of their rows.
template <typename Keys>
Status SavePart(ShardRange shards, const std::vector<TableContent<Keys>>& tables,
                const std::vector<std::span<const SavedKey>>& keys, const DenseContent& dense,
                ShardFileWriter& writer) {
  // Rows lie anywhere: those that come next are on their way from memory.
  constexpr size_t kAhead = 12;
  std::vector<size_t> next(tables.size());
  const auto in_shard = [&](size_t t, uint32_t shard) {
    return next[t] < keys[t].size() && ShardOf(keys[t][next[t]].key) == shard;
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
        if (next[t] + kAhead < keys[t].size()) {
          const uint32_t row = keys[t][next[t] + kAhead].row;
          if (row != SavedKey::kWaits) tables[t].arena.PrefetchToSave(row);
        }
        PRIMACY_TRY(writer.AddRow(tables[t].Stored(keys[t][next[t]])));
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
  std::vector<SavedKeys> sorters;
  for (const TableContent<Keys>& table : tables) {
    SavedKeys& sorter = sorters.emplace_back(shards);
    table.ForEachKey(shards, [&](Key key, uint32_t) { sorter.Count(key); });
  }
  // Every share costs a walk over all keys, and 16 bytes for each of its own.
  const uint32_t shares = tables.empty() ? 1 : 4;
  for (uint32_t s = 0; s < shares; ++s) {
    const uint32_t size = shards.size();
    const ShardRange share{shards.begin + size * s / shares,
                           shards.begin + size * (s + 1) / shares};
    std::vector<std::span<const SavedKey>> keys;
    for (size_t t = 0; t < tables.size(); ++t) {
      sorters[t].Start(share);
      tables[t].ForEachKey(share, [&](Key key, uint32_t row) { sorters[t].Add(key, row); });
      keys.push_back(sorters[t].Sorted());
    }
    PRIMACY_TRY(SavePart(share, tables, keys, dense, writer));
  }
  return Ok();
}

}  // namespace primacy
