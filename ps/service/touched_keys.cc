#include "ps/service/touched_keys.h"

#include <algorithm>
#include <array>
#include <utility>

namespace primacy {
namespace {

constexpr size_t kBatch = KeyIndex::kBatch;

std::span<const Key> BatchAt(std::span<const Key> keys, size_t begin) {
  if (begin >= keys.size()) return {};
  return keys.subspan(begin, std::min(kBatch, keys.size() - begin));
}

}  // namespace

void TouchedKeys::Add(int64_t clock, size_t table, std::span<const Key> keys) {
  auto found = steps_.find(clock);
  if (found == steps_.end()) {
    std::vector<KeyIndex> tables;
    if (!spare_.empty()) {
      tables = std::move(spare_.back());
      spare_.pop_back();
    }
    found = steps_.emplace(clock, std::move(tables)).first;
  }
  std::vector<KeyIndex>& tables = found->second;
  if (tables.size() <= table) tables.resize(table + 1);
  KeyIndex& index = tables[table];
  index.Reserve(keys.size());
  index.Prefetch(BatchAt(keys, 0));
  for (size_t begin = 0; begin < keys.size(); begin += kBatch) {
    index.Prefetch(BatchAt(keys, begin + kBatch));
    for (const Key key : BatchAt(keys, begin)) index.FindOrInsert(key, 1);
  }
}

void TouchedKeys::Forget(int64_t clock) {
  const auto found = steps_.find(clock);
  if (found == steps_.end()) return;
  for (KeyIndex& index : found->second) index.Clear();
  spare_.push_back(std::move(found->second));
  steps_.erase(found);
}

void TouchedKeys::Clear() {
  while (!steps_.empty()) Forget(steps_.begin()->first);
}

void TouchedKeys::Split(int64_t begin, int64_t end, size_t table, std::span<const Key> keys,
                        std::vector<uint32_t>& free, std::vector<uint32_t>& touched) const {
  std::vector<const KeyIndex*> indexes;
  for (auto step = steps_.lower_bound(begin); step != steps_.end() && step->first < end; ++step) {
    if (table < step->second.size()) indexes.push_back(&step->second[table]);
  }
  std::array<uint32_t, kBatch> found;
  for (const KeyIndex* index : indexes) index->Prefetch(BatchAt(keys, 0));
  for (size_t at = 0; at < keys.size(); at += kBatch) {
    const std::span<const Key> batch = BatchAt(keys, at);
    std::array<bool, kBatch> is_touched{};
    for (const KeyIndex* index : indexes) {
      index->Prefetch(BatchAt(keys, at + kBatch));
      index->Find(batch, found.data());
      for (size_t i = 0; i < batch.size(); ++i) is_touched[i] |= found[i] != KeyIndex::kMissing;
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      (is_touched[i] ? touched : free).push_back(static_cast<uint32_t>(at + i));
    }
  }
}

}  // namespace primacy
