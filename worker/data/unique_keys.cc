#include "worker/data/unique_keys.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

#include "common/protocol/sharding.h"

namespace primacy {
namespace {

constexpr size_t kEntriesMin = 1024;
// Keys are inserted in runs, between which the table may grow.
constexpr size_t kRun = 512;
// How far ahead of the probe entries are fetched.
constexpr size_t kAhead = 32;

}  // namespace

UniqueKeys::UniqueKeys() : entries_(kEntriesMin) {}

void UniqueKeys::Start() {
  size_ = 0;
  if (stamp_ == std::numeric_limits<uint32_t>::max()) {
    std::fill(entries_.begin(), entries_.end(), 0);
    stamp_ = 0;
  }
  ++stamp_;
}

void UniqueKeys::Insert(std::span<const Key> keys, std::span<uint32_t> numbers) {
  CHECK_GE(numbers.size(), keys.size());
  for (size_t begin = 0; begin < keys.size(); begin += kRun) {
    const size_t end = std::min(begin + kRun, keys.size());
    Reserve(size_ + (end - begin));
    Key* const known = keys_.data();
    uint64_t* const entries = entries_.data();
    const uint64_t mask = entries_.size() - 1;
    const uint64_t stamp = uint64_t{stamp_} << 32;
    uint64_t size = size_;
    for (size_t i = begin; i < end; ++i) {
      if (i + kAhead < end) __builtin_prefetch(&entries[keys[i + kAhead] & mask]);
      const Key key = keys[i];
      // Whether a key is new is hard to predict, so that no branch depends on it: the key is
      // written behind the others, where it counts if it is new, and its entry is written in any
      // case.
      known[size] = key;
      uint64_t at = key & mask;
      uint64_t is_new, number;
      for (;; at = (at + 1) & mask) {
        const uint64_t kept = entries[at] ^ stamp;  // the number, if the entry is of this batch
        is_new = kept >> 32 != 0;
        number = kept ^ ((kept ^ size) & (0 - is_new));
        if (known[number] == key) break;
      }
      entries[at] = stamp | number;
      numbers[i] = static_cast<uint32_t>(number);
      size += is_new;
    }
    size_ = size;
  }
}

void UniqueKeys::Reserve(size_t keys) {
  CHECK_LT(keys, std::numeric_limits<uint32_t>::max());
  if (keys_.size() < keys + 1) keys_.resize(std::bit_ceil(keys + 1));
  if (2 * keys <= entries_.size()) return;
  entries_.assign(std::bit_ceil(2 * keys), 0);
  stamp_ = 1;
  const uint64_t mask = entries_.size() - 1;
  for (uint32_t number = 0; number < size_; ++number) {
    uint64_t at = keys_[number] & mask;
    while (entries_[at] >> 32 == stamp_) at = (at + 1) & mask;
    entries_[at] = uint64_t{stamp_} << 32 | number;
  }
}

std::span<const uint32_t> UniqueKeys::SplitByServer(int servers, BatchTable& table) {
  table.keys.resize(size_);
  if (servers == 1) {
    table.server_begin = {0, size_};
    std::copy_n(keys_.data(), size_, table.keys.data());
    return {};
  }
  const auto server_of = [&](size_t number) { return ServerOf(ShardOf(keys_[number]), servers); };
  std::vector<size_t>& begin = table.server_begin;
  begin.assign(servers + 1, 0);
  for (size_t n = 0; n < size_; ++n) ++begin[server_of(n) + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  next_.assign(begin.begin(), begin.end() - 1);
  place_.resize(size_);
  for (size_t n = 0; n < size_; ++n) {
    const size_t place = next_[server_of(n)]++;
    place_[n] = static_cast<uint32_t>(place);
    table.keys[place] = keys_[n];
  }
  return place_;
}

}  // namespace primacy
