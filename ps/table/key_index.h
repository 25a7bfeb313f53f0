// Key → 32-bit value: an open-addressing hash table whose probe is one cache line, with bulk
// look-up that hides memory latency by prefetching, and with growth that never stops the caller for
// long.
//
// A bucket is a cache line of five keys with their values; keys overflow into the next bucket.
// Entries are not removed singly, so a bucket from which no key has overflowed ends every probe. 20
// bytes per key when growth begins, 24 when it has ended.
//
// A full table grows while keys are inserted: each insertion moves a few buckets to a larger
// region. A key's home is its hash scaled to the number of buckets, so both regions are walked from
// front to back, one hash value tells which of them has a key, and the front of the old region goes
// back to the system while the new one fills.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "common/base/huge_pages.h"
#include "common/protocol/ids.h"
#include "ps/table/prefetch.h"

namespace primacy {

// Not thread safe.
class KeyIndex {
 public:
  // No value of a key.
  static constexpr uint32_t kMissing = ~0u;

  KeyIndex() : KeyIndex(kHomesMin) {}

  size_t size() const { return size_; }
  size_t bytes() const;

  // The value of `key`, or kMissing. Faster if Prefetch was called for it a little earlier.
  uint32_t Find(Key key) const;
  void Prefetch(Key key) const { PrefetchToRead(&HomeOf(HashOf(key))); }

  // REQUIRES: `key` is not there.
  void Insert(Key key, uint32_t value) { FindOrInsert(key, value); }
  // The value of `key`, which becomes `value` when there was none.
  uint32_t FindOrInsert(Key key, uint32_t value);
  // Makes room for `keys` more keys at once: inserting them moves nothing.
  void Reserve(size_t keys);

  // Forgets all keys in constant time; memory stays.
  void Clear();
  // Calls visit(key, value) for every key, in no particular order.
  template <typename Visit>
  void ForEach(Visit visit) const;
  // Removes the keys for which keep(key, value) is false.
  template <typename Keep>
  void Filter(Keep keep);

 private:
  static constexpr uint32_t kWidth = 5;
  static constexpr uint32_t kOverflowed = kWidth + 1;  // full, and keys went on to the next bucket
  // Growth by half begins at this many keys per bucket on average, and has ended at a quarter more:
  // while it lasts, so many buckets move after so many insertions.
  static constexpr double kLoadMax = 3.2;
  static constexpr size_t kMoveBuckets = 80;
  static constexpr size_t kMoveInterval = 64;
  static constexpr size_t kHomesMin = 64;
  // Buckets after the last home, for what overflows from it. The very last one stays empty.
  static constexpr size_t kTail = 64;

  struct alignas(64) Bucket {
    std::array<Key, kWidth> keys;
    std::array<uint32_t, kWidth> values;
    uint32_t filled;  // epoch_ + number of keys or kOverflowed; of an older epoch: none
  };
  static_assert(sizeof(Bucket) == 64);

  struct Region {
    Region() = default;
    // At least `homes_min` homes.
    explicit Region(size_t homes_min)
        : memory((homes_min + kTail) * sizeof(Bucket)),
          homes(memory.bytes() / sizeof(Bucket) - kTail) {}

    Bucket* buckets() const { return reinterpret_cast<Bucket*>(memory.data()); }
    size_t Home(uint64_t hash) const {
      return static_cast<size_t>((static_cast<__uint128_t>(hash) * homes) >> 64);
    }

    HugePages memory;
    size_t homes = 0;
  };

  explicit KeyIndex(size_t homes_min)
      : regions_{Region(homes_min), Region()}, grow_at_(SizeMax(now())) {}

  // The size at which growth begins.
  static size_t SizeMax(const Region& region) {
    return static_cast<size_t>(static_cast<double>(region.homes) * kLoadMax);
  }
  // Keys share their high bits within a server, and callers may number keys: multiply (Knuth's
  // Fibonacci hashing).
  static uint64_t HashOf(Key key) { return key * 0x9E3779B97F4A7C15ull; }
  Bucket& HomeOf(uint64_t hash) const {
    const Region& region = RegionOf(hash);
    return region.buckets()[region.Home(hash)];
  }
  // An index instead of a choice: in the midst of growth no branch would be predicted.
  const Region& RegionOf(uint64_t hash) const { return regions_[hash < moved_hash_ ? 1 : 0]; }
  Region& now() { return regions_[0]; }
  Region& next() { return regions_[1]; }
  const Region& now() const { return regions_[0]; }
  const Region& next() const { return regions_[1]; }
  bool growing() const { return next().homes > 0; }
  uint32_t Filled(const Bucket& bucket) const {
    const uint32_t filled = bucket.filled - epoch_;
    return filled <= kOverflowed ? filled : 0;
  }
  // Position of `key` in `bucket`, whose Filled is `filled`, or kWidth.
  static uint32_t PositionIn(const Bucket& bucket, Key key, uint32_t filled) {
    uint32_t matches = 0;
    for (uint32_t i = 0; i < kWidth; ++i) matches |= uint32_t{bucket.keys[i] == key} << i;
    matches &= (1u << filled) - 1;
    return matches == 0 ? kWidth : static_cast<uint32_t>(__builtin_ctz(matches));
  }
  template <typename Visit>
  void VisitBucket(const Bucket& bucket, Visit visit) const {
    const uint32_t filled = std::min(Filled(bucket), kWidth);
    for (uint32_t i = 0; i < filled; ++i) visit(bucket.keys[i], bucket.values[i]);
  }

  // Adds a key that is not in `region`. False, and nothing is changed, when there is no room
  // between its home and the end.
  bool AppendTo(const Region& region, Key key, uint32_t value);
  void Grow();
  void MoveBuckets(size_t buckets);
  // Growth has ended: next() becomes now().
  void TakeNext();
  // Everything into one new region of at least `homes_min` homes.
  void Rebuild(size_t homes_min);

  // Keys with a hash below moved_hash_ are in next(), the others in buckets of now() from
  // moved_buckets_ on. Without homes in next() the table does not grow.
  std::array<Region, 2> regions_;
  uint64_t moved_hash_ = 0;
  size_t moved_buckets_ = 0;
  size_t size_ = 0;
  size_t grow_at_;  // the size at which Grow has something to do
  // Grows by 8 with every Clear. Starts above 0 so that zeroed memory is of an older epoch.
  uint32_t epoch_ = 8;
};

template <typename Visit>
void KeyIndex::ForEach(Visit visit) const {
  for (size_t b = 0; growing() && b < next().homes + kTail; ++b) {
    VisitBucket(next().buckets()[b], [&](Key key, uint32_t value) {
      // A move that found no room leaves copies of keys that are still in now().
      if (HashOf(key) < moved_hash_) visit(key, value);
    });
  }
  for (size_t b = moved_buckets_; b < now().homes + kTail; ++b) {
    VisitBucket(now().buckets()[b], visit);
  }
}

template <typename Keep>
void KeyIndex::Filter(Keep keep) {
  KeyIndex kept(growing() ? next().homes : now().homes);
  ForEach([&](Key key, uint32_t value) {
    if (keep(key, value)) kept.Insert(key, value);
  });
  *this = std::move(kept);
}

}  // namespace primacy
