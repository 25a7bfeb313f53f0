#include "ps/service/touched_keys.h"

#include <utility>

namespace primacy {
namespace {

// How many keys ahead of its use an index entry is fetched.
constexpr size_t kAhead = 16;

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
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) index.Prefetch(keys[i + kAhead]);
    index.FindOrInsert(keys[i], 1);
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
  for (size_t i = 0; i < keys.size(); ++i) {
    bool is_touched = false;
    for (const KeyIndex* index : indexes) {
      if (i + kAhead < keys.size()) index->Prefetch(keys[i + kAhead]);
      is_touched |= index->Find(keys[i]) != KeyIndex::kMissing;
    }
    (is_touched ? touched : free).push_back(static_cast<uint32_t>(i));
  }
}

}  // namespace primacy
