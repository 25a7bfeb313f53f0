#include "ps/table/waiting_keys.h"

#include <glog/logging.h>

#include <algorithm>

#include "common/base/hash.h"

namespace primacy {
namespace {

constexpr size_t kPlacesMin = 16;

size_t HomeOf(Key key, size_t places) { return static_cast<size_t>(Mix64(key)) & (places - 1); }

}  // namespace

size_t WaitingKeys::PlaceOf(const Table& table, Key key) {
  const size_t mask = table.places.size() - 1;
  size_t place = HomeOf(key, table.places.size());
  while (table.places[place].counters.update_count != 0 && table.places[place].key != key) {
    place = (place + 1) & mask;
  }
  return place;
}

std::optional<RowCounters> WaitingKeys::Find(Key key) const {
  if (size_ == 0) return std::nullopt;
  const Table& table = TableOf(key);
  if (table.size == 0) return std::nullopt;
  const Entry& entry = table.places[PlaceOf(table, key)];
  if (entry.counters.update_count == 0) return std::nullopt;
  return entry.counters;
}

template <typename Keep>
void WaitingKeys::Rebuild(Table& table, size_t places, Keep keep) {
  Table rebuilt{std::vector<Entry>(places), 0};
  for (Entry& entry : table.places) {
    if (entry.counters.update_count == 0 || !keep(entry)) continue;
    rebuilt.places[PlaceOf(rebuilt, entry.key)] = entry;
    ++rebuilt.size;
  }
  size_ = size_ + rebuilt.size - table.size;
  bytes_ = bytes_ + (rebuilt.places.size() - table.places.size()) * sizeof(Entry);
  table = std::move(rebuilt);
}

void WaitingKeys::MakeRoom(Table& table) {
  while (table.size >= kKeysPerShardMax) {
    Rebuild(table, table.places.size(),
            [](Entry& entry) { return --entry.counters.update_count > 0; });
  }
  const size_t places = table.places.size();
  if ((table.size + 1) * 4 > places * 3) {
    Rebuild(table, std::max(kPlacesMin, places * 2), [](Entry&) { return true; });
  }
}

void WaitingKeys::Set(Key key, const RowCounters& counters) {
  DCHECK_GT(counters.update_count, 0u);
  Table& table = TableOf(key);
  if (table.places.empty()) MakeRoom(table);
  size_t place = PlaceOf(table, key);
  if (table.places[place].counters.update_count == 0) {
    MakeRoom(table);
    place = PlaceOf(table, key);
    ++table.size;
    ++size_;
  }
  table.places[place] = {key, counters};
}

void WaitingKeys::Remove(Key key) {
  Table& table = TableOf(key);
  if (table.size == 0) return;
  size_t hole = PlaceOf(table, key);
  if (table.places[hole].counters.update_count == 0) return;
  // Moves back what the hole would hide from its home (Knuth, The Art of Computer Programming
  // 3, 6.4, algorithm R).
  const size_t mask = table.places.size() - 1;
  for (size_t at = (hole + 1) & mask; table.places[at].counters.update_count != 0;
       at = (at + 1) & mask) {
    const size_t home = HomeOf(table.places[at].key, table.places.size());
    if (((at - home) & mask) < ((at - hole) & mask)) continue;
    table.places[hole] = table.places[at];
    hole = at;
  }
  table.places[hole] = Entry();
  --table.size;
  --size_;
}

void WaitingKeys::RemoveOlderThan(uint32_t pass) {
  for (Table& table : by_shard_) {
    if (table.size == 0) continue;
    Rebuild(table, table.places.size(),
            [&](const Entry& entry) { return entry.counters.last_pass >= pass; });
  }
}

void WaitingKeys::Clear() { *this = WaitingKeys(shards_); }

void WaitingKeys::AppendKeys(uint32_t shard, std::vector<Key>& keys) const {
  for (const Entry& entry : by_shard_[shard - shards_.begin].places) {
    if (entry.counters.update_count != 0) keys.push_back(entry.key);
  }
}

}  // namespace primacy
