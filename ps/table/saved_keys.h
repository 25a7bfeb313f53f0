// The keys of a table in the order of its file: (shard, key).
//
// Keys are hashes, so they are sorted by their digits: thrown into a bucket per shard, whose sizes
// are known beforehand, and within it into buckets of about one key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/protocol/ids.h"
#include "common/protocol/sharding.h"

namespace primacy {

struct SavedKey {
  static constexpr uint32_t kWaits = ~0u;
  Key key = 0;
  uint32_t row = kWaits;  // kWaits for a key that waits for one
};

// A share of the shards at a time, so that it needs little memory besides the table's. Not thread
// safe.
class SavedKeys {
 public:
  // REQUIRES: all keys of the table lie in `shards`.
  explicit SavedKeys(ShardRange shards) : shards_(shards), count_(shards.size()) {}

  // First every key of the table, once.
  void Count(Key key) { ++count_[ShardOf(key) - shards_.begin]; }

  // Then for each share of the shards: Start, every key of the table again, others are passed over,
  // and Sorted, which is valid until the next Start.
  void Start(ShardRange share);
  void Add(Key key, uint32_t row) {
    const uint32_t shard = ShardOf(key);
    if (share_.Contains(shard)) keys_[next_[shard - share_.begin]++] = {key, row};
  }
  std::span<const SavedKey> Sorted();

 private:
  void SortShard(std::span<SavedKey> keys);

  const ShardRange shards_;
  std::vector<uint32_t> count_;  // [shard of shards_]
  ShardRange share_;
  std::vector<size_t> next_;  // [shard of share_] where its next key goes
  std::vector<SavedKey> keys_;

  // Of the shard being sorted.
  std::vector<SavedKey> bucketed_;
  std::vector<uint32_t> bucket_end_;
};

}  // namespace primacy
