#include "ps/table/store_snapshot.h"

#include <glog/logging.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "common/base/parallel.h"

namespace primacy {

namespace {

constexpr size_t kPageBytes = 4096;

void Touch(const HugePages& memory) {
  volatile std::byte* const bytes = memory.data();
  for (size_t at = 0; at < memory.bytes(); at += kPageBytes) bytes[at] = std::byte{0};
}

}  // namespace

void KeyList::Copy(const KeyIndex& index) {
  CHECK_LE(index.size(), chunks_.size() * kChunkKeys);
  size_ = 0;
  index.ForEach([&](Key key, uint32_t row) {
    EntriesOf(size_ / kChunkKeys)[size_ % kChunkKeys] = {key, row};
    ++size_;
  });
}

StoreSize SizeOf(ShardRange shards, const std::vector<TableContent<KeyIndex>>& tables) {
  StoreSize size{shards, {}};
  for (const TableContent<KeyIndex>& table : tables) {
    size.tables.push_back({table.row_floats, table.arena.chunks(), table.keys.size()});
  }
  return size;
}

void StoreSnapshot::Suit(const StoreSize& size) {
  const bool same_shards = shards_.begin == size.shards.begin && shards_.end == size.shards.end;
  const auto suits = [](const Table& mine, const StoreSize::Table& other) {
    return mine.row_floats == other.row_floats;
  };
  if (same_shards &&
      std::equal(tables_.begin(), tables_.end(), size.tables.begin(), size.tables.end(), suits)) {
    return;
  }
  shards_ = size.shards;
  tables_.clear();
  for (const StoreSize::Table& table : size.tables) tables_.emplace_back(shards_, table.row_floats);
}

size_t StoreSnapshot::ChunksMissing(const StoreSize& size) const {
  const auto less = [](size_t has, size_t needs) { return needs - std::min(has, needs); };
  size_t chunks = 0;
  for (size_t t = 0; t < tables_.size(); ++t) {
    chunks += less(tables_[t].arena.chunks(), size.tables[t].row_chunks) +
              less(tables_[t].keys.chunks(), KeyList::ChunksFor(size.tables[t].keys));
  }
  return chunks;
}

void StoreSnapshot::AddMissing(const StoreSize& size, HugePages chunk) {
  for (size_t t = 0; t < tables_.size(); ++t) {
    Table& mine = tables_[t];
    if (mine.arena.chunks() < size.tables[t].row_chunks)
      return mine.arena.AddChunk(std::move(chunk));
    if (mine.keys.chunks() < KeyList::ChunksFor(size.tables[t].keys)) {
      return mine.keys.AddChunk(std::move(chunk));
    }
  }
}

bool StoreSnapshot::Prepare(const StoreSize& size, int64_t new_bytes_max) {
  Suit(size);
  if (ChunksMissing(size) == 0 || new_bytes_max < static_cast<int64_t>(kHugePageBytes))
    return false;
  std::optional<HugePages> chunk = HugePages::Try(kHugePageBytes);
  if (!chunk.has_value()) return false;
  Touch(*chunk);
  AddMissing(size, *std::move(chunk));
  return true;
}

bool StoreSnapshot::Take(ShardRange shards, const std::vector<TableContent<KeyIndex>>& tables,
                         const DenseContent& dense, const Limits& limits) {
  const StoreSize size = SizeOf(shards, tables);
  Suit(size);
  size_t missing = ChunksMissing(size) * kHugePageBytes;
  for (size_t t = 0; t < tables.size(); ++t) {
    const size_t bytes = tables[t].waiting.bytes();
    missing += bytes - std::min(bytes, tables_[t].waiting.bytes());
  }
  if (static_cast<int64_t>(missing) > limits.new_bytes_max) return false;
  while (ChunksMissing(size) > 0) {
    std::optional<HugePages> chunk = HugePages::Try(kHugePageBytes);
    if (!chunk.has_value()) return false;
    AddMissing(size, *std::move(chunk));
  }
  std::vector<std::function<void()>> pieces;
  // The longest ones first.
  for (size_t t = 0; t < tables.size(); ++t) {
    pieces.emplace_back([this, &tables, t] { tables_[t].keys.Copy(tables[t].keys); });
    pieces.emplace_back([this, &tables, t] { tables_[t].waiting = tables[t].waiting; });
  }
  pieces.emplace_back([this, &dense] { dense_ = dense; });
  for (size_t t = 0; t < tables.size(); ++t) {
    for (size_t chunk = 0; chunk < tables[t].arena.chunks(); ++chunk) {
      pieces.emplace_back(
          [this, &tables, t, chunk] { tables_[t].arena.CopyChunk(tables[t].arena, chunk); });
    }
  }
  ForEachInParallel(pieces.size(), limits.threads, [&](size_t i) { pieces[i](); });
  return true;
}

Status StoreSnapshot::Save(ShardFileWriter& writer) const {
  std::vector<TableContent<KeyList>> tables;
  for (size_t t = 0; t < tables_.size(); ++t) {
    const Table& table = tables_[t];
    tables.push_back(
        {static_cast<int>(t), table.row_floats, table.keys, table.arena, table.waiting});
  }
  return SaveContent(shards_, tables, dense_, writer);
}

size_t StoreSnapshot::bytes() const {
  size_t bytes = dense_.values.capacity() * sizeof(float);
  for (const Table& table : tables_) {
    bytes += table.keys.chunks() * kHugePageBytes + table.arena.bytes() + table.waiting.bytes();
  }
  return bytes;
}

}  // namespace primacy
