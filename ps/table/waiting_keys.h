// Keys that have been updated, but not often enough to get a row: how often, and when last.
//
// Bounded per virtual shard. When a shard is full, all its counts are lowered by one and keys
// without a count are forgotten, until there is room (lossy counting, Manku and Motwani 2002): a
// key that comes often enough still gets through. What is left depends on the shard's keys and
// counts alone, so it is the same for any number of servers and after a restart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/protocol/ids.h"
#include "common/protocol/sharding.h"
#include "ps/table/row_arena.h"

namespace primacy {

// Not thread safe. Keys passed in belong to the range.
class WaitingKeys {
 public:
  static constexpr size_t kKeysPerShardMax = 8192;

  explicit WaitingKeys(ShardRange shards) : shards_(shards), by_shard_(shards.size()) {}

  size_t size() const { return size_; }
  size_t bytes() const { return bytes_; }

  // Update count and last pass of `key`, if it waits.
  std::optional<RowCounters> Find(Key key) const;
  // Makes `key` wait with these counters, whether it waits already or not. REQUIRES: update_count >
  // 0.
  void Set(Key key, const RowCounters& counters);
  void Remove(Key key);
  // Forgets the keys last updated before `pass`.
  void RemoveOlderThan(uint32_t pass);
  void Clear();
  // Appends the keys of a shard in no particular order.
  void AppendKeys(uint32_t shard, std::vector<Key>& keys) const;

 private:
  struct Entry {
    Key key = 0;
    RowCounters counters;  // update_count 0: the place is free
  };
  // Linear probing over a power of two of places, at most three quarters taken.
  struct Table {
    std::vector<Entry> places;
    size_t size = 0;
  };

  Table& TableOf(Key key) { return by_shard_[ShardOf(key) - shards_.begin]; }
  const Table& TableOf(Key key) const { return by_shard_[ShardOf(key) - shards_.begin]; }
  // The place of `key`, or the free one where it would go. REQUIRES: there is a free place.
  static size_t PlaceOf(const Table& table, Key key);
  // Puts the entries of `table` that keep(entry) wants, possibly changed by it, into `places`
  // places.
  template <typename Keep>
  void Rebuild(Table& table, size_t places, Keep keep);
  void MakeRoom(Table& table);

  ShardRange shards_;
  std::vector<Table> by_shard_;
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace primacy
