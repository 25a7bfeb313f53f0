// Key → 32-bit value: an open-addressing hash table whose probe is one cache line, with bulk
// look-up that hides memory latency by prefetching.
//
// A bucket is a cache line of five keys with their values; keys overflow into the next bucket.
// Entries are not removed singly, so a bucket that is not full ends every probe. 13 bytes per key
// when full, 19–20 after growing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/protocol/ids.h"
#include "ps/table/huge_pages.h"

namespace primacy {

// Not thread safe.
class KeyIndex {
 public:
  // No value of a key.
  static constexpr uint32_t kMissing = ~0u;
  // Keys looked up per call of Find at most; enough to overlap their memory accesses.
  static constexpr size_t kBatch = 64;

  KeyIndex();

  size_t size() const { return size_; }
  size_t bytes() const { return memory_.bytes(); }

  uint32_t Find(Key key) const;
  // values[i] of keys[i], or kMissing. Faster if Prefetch was called for `keys` a little earlier.
  void Find(std::span<const Key> keys, uint32_t* values) const;
  void Prefetch(std::span<const Key> keys) const;
  void Prefetch(Key key) const { __builtin_prefetch(&buckets()[Home(key)]); }

  // REQUIRES: `key` is not there.
  void Insert(Key key, uint32_t value);
  // The value of `key`, which becomes `value` when there was none.
  uint32_t FindOrInsert(Key key, uint32_t value);
  // Makes room for `keys` more keys at once.
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
  // Grows when there are more keys than this per bucket on average.
  static constexpr size_t kLoadMax = 4;
  static constexpr size_t kBucketsMin = 64;

  struct alignas(64) Bucket {
    std::array<Key, kWidth> keys;
    std::array<uint32_t, kWidth> values;
    uint32_t filled;  // epoch_ + number of keys; a value of an older epoch means none
  };
  static_assert(sizeof(Bucket) == 64);

  explicit KeyIndex(size_t buckets);

  Bucket* buckets() const { return reinterpret_cast<Bucket*>(memory_.data()); }
  // Keys share their high bits within a server, and callers may number keys: multiply (Knuth's
  // Fibonacci hashing), then scale the product to the number of buckets, which so need not be a
  // power of two.
  size_t Home(Key key) const {
    const uint64_t hash = key * 0x9E3779B97F4A7C15ull;
    return static_cast<size_t>((static_cast<__uint128_t>(hash) * bucket_count_) >> 64);
  }
  size_t Next(size_t bucket) const { return bucket + 1 == bucket_count_ ? 0 : bucket + 1; }
  uint32_t Filled(const Bucket& bucket) const {
    const uint32_t filled = bucket.filled - epoch_;
    return filled <= kWidth ? filled : 0;
  }
  // Position of `key` in `bucket`, or at least `filled`.
  static uint32_t PositionIn(const Bucket& bucket, Key key, uint32_t filled) {
    uint32_t matches = 0;
    for (uint32_t i = 0; i < kWidth; ++i) matches |= uint32_t{bucket.keys[i] == key} << i;
    matches &= (1u << filled) - 1;
    return matches == 0 ? kWidth : static_cast<uint32_t>(__builtin_ctz(matches));
  }
  uint32_t FindFrom(size_t bucket, Key key) const;
  void Append(Bucket& bucket, uint32_t filled, Key key, uint32_t value);

  HugePages memory_;
  size_t bucket_count_;
  size_t size_ = 0;
  // Grows by 8 with every Clear. Starts above 0 so that zeroed memory is of an older epoch.
  uint32_t epoch_ = 8;
};

template <typename Visit>
void KeyIndex::ForEach(Visit visit) const {
  for (size_t b = 0; b < bucket_count_; ++b) {
    const Bucket& bucket = buckets()[b];
    const uint32_t filled = Filled(bucket);
    for (uint32_t i = 0; i < filled; ++i) visit(bucket.keys[i], bucket.values[i]);
  }
}

template <typename Keep>
void KeyIndex::Filter(Keep keep) {
  KeyIndex kept(bucket_count_);
  ForEach([&](Key key, uint32_t value) {
    if (keep(key, value)) kept.Insert(key, value);
  });
  *this = std::move(kept);
}

}  // namespace primacy
