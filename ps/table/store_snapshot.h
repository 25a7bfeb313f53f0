// A copy of all that a parameter store saves, so that training goes on while it is written.
//
// Random updates touch every page of a table within a few steps, so pages copied only when they are
// first changed would all be copied soon, one by one and in the midst of updates: here all are
// copied at once, at the speed of memory. A snapshot takes as much memory as the store's rows and
// keys; it is kept from one copy to the next, because fresh pages cost as much again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/base/huge_pages.h"
#include "common/base/result.h"
#include "common/protocol/sharding.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/table/dense_content.h"
#include "ps/table/key_index.h"
#include "ps/table/row_arena.h"
#include "ps/table/table_content.h"
#include "ps/table/waiting_keys.h"

namespace primacy {

// The keys of a table with their rows, in no order.
class KeyList {
 public:
  // Keys of a chunk of memory.
  static constexpr size_t kChunkKeys = kHugePageBytes / 16;
  static size_t ChunksFor(size_t keys) { return (keys + kChunkKeys - 1) / kChunkKeys; }

  size_t chunks() const { return chunks_.size(); }
  void AddChunk(HugePages chunk) { chunks_.push_back(std::move(chunk)); }
  // REQUIRES: chunks for its keys.
  void Copy(const KeyIndex& index);
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < size_; ++i) {
      const Entry& entry = EntriesOf(i / kChunkKeys)[i % kChunkKeys];
      visit(entry.key, entry.row);
    }
  }

 private:
  struct Entry {
    Key key;
    uint32_t row;
  };
  static_assert(sizeof(Entry) * kChunkKeys == kHugePageBytes);
  Entry* EntriesOf(size_t chunk) const { return reinterpret_cast<Entry*>(chunks_[chunk].data()); }

  std::vector<HugePages> chunks_;
  size_t size_ = 0;
};

// How much there is to copy of a store.
struct StoreSize {
  struct Table {
    size_t row_floats = 0;
    size_t row_chunks = 0;  // of its arena
    size_t keys = 0;
    bool operator==(const Table&) const = default;
  };
  ShardRange shards;
  std::vector<Table> tables;
};
StoreSize SizeOf(ShardRange shards, const std::vector<TableContent<KeyIndex>>& tables);

// Not thread safe. Empty at first.
class StoreSnapshot {
 public:
  struct Limits {
    int threads = 1;            // that copy
    int64_t new_bytes_max = 0;  // memory that may be taken beyond what the snapshot has already
  };

  // Takes one more piece of the memory that a copy of a store of this size needs, and touches it,
  // so that Take need not: that can take longer than the copy. False when nothing is missing, or
  // when there is no memory for it.
  bool Prepare(const StoreSize& size, int64_t new_bytes_max);
  // Copies the content of a store. False, and nothing is copied, when that would take more memory
  // than the limit or than there is.
  bool Take(ShardRange shards, const std::vector<TableContent<KeyIndex>>& tables,
            const DenseContent& dense, const Limits& limits);
  // The same records that the store would have saved when the copy was made.
  Status Save(ShardFileWriter& writer) const;
  size_t bytes() const;

 private:
  struct Table {
    Table(ShardRange shards, size_t row_floats)
        : row_floats(row_floats), arena(row_floats), waiting(shards) {}

    size_t row_floats;
    KeyList keys;
    RowArena arena;
    WaitingKeys waiting;
  };
  // Has tables of such rows afterwards: those it had, or empty ones.
  void Suit(const StoreSize& size);
  size_t ChunksMissing(const StoreSize& size) const;
  // REQUIRES: a chunk is missing.
  void AddMissing(const StoreSize& size, HugePages chunk);

  ShardRange shards_;
  std::vector<Table> tables_;  // [table]
  DenseContent dense_;
};

}  // namespace primacy
