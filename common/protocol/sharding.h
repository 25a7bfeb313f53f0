// Key → virtual shard → server. Servers own contiguous ranges of virtual shards.
#pragma once

#include <cstdint>

#include "common/base/hash.h"
#include "common/protocol/ids.h"

namespace primacy {

// The table key of a raw value of the log in the embedding group whose name hashes to `group_hash`
// (HashBytes).
constexpr Key TableKey(uint64_t group_hash, uint64_t raw) { return HashCombine(group_hash, raw); }

// Keys are mixed already: the top bits choose the shard, tables index by the low ones.
constexpr uint32_t ShardOf(Key key) { return static_cast<uint32_t>(key >> 52); }
static_assert(kVirtualShards == 1u << 12);

// First shard of `server` among `servers`; server + 1 gives the end of its range.
constexpr uint32_t FirstShard(int server, int servers) {
  return static_cast<uint32_t>(static_cast<uint64_t>(kVirtualShards) * server / servers);
}

// A range of virtual shards [begin, end).
struct ShardRange {
  uint32_t begin = 0;
  uint32_t end = 0;
  bool Contains(uint32_t shard) const { return shard >= begin && shard < end; }
  uint32_t size() const { return end - begin; }
};

constexpr ShardRange ShardsOf(int server, int servers) {
  return {FirstShard(server, servers), FirstShard(server + 1, servers)};
}

// The server whose range `shard` lies in.
constexpr int ServerOf(uint32_t shard, int servers) {
  return static_cast<int>((static_cast<uint64_t>(shard + 1) * servers - 1) / kVirtualShards);
}

}  // namespace primacy
