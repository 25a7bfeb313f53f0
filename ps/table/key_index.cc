#include "ps/table/key_index.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace primacy {

size_t KeyIndex::bytes() const {
  if (!growing()) return now().memory.bytes();
  // Pages of the new region that nothing was moved to have no memory yet.
  const size_t touched = (next().Home(moved_hash_) + kTail) * sizeof(Bucket);
  return now().memory.bytes() - now().memory.released_bytes() +
         std::min(next().memory.bytes(), (touched / kHugePageBytes + 1) * kHugePageBytes);
}

uint32_t KeyIndex::Find(Key key) const {
  for (const Bucket* bucket = &HomeOf(HashOf(key));; ++bucket) {
    const uint32_t filled = Filled(*bucket);
    const uint32_t position = PositionIn(*bucket, key, filled);
    if (position < kWidth) return bucket->values[position];
    if (filled < kOverflowed) return kMissing;
  }
}

uint32_t KeyIndex::FindOrInsert(Key key, uint32_t value) {
  const uint32_t found = Find(key);
  if (found != kMissing) return found;
  if (size_ >= grow_at_) Grow();
  while (!AppendTo(RegionOf(HashOf(key)), key, value)) {
    Rebuild(2 * std::max(now().homes, next().homes));
  }
  ++size_;
  return value;
}

bool KeyIndex::AppendTo(const Region& region, Key key, uint32_t value) {
  Bucket* bucket = region.buckets() + region.Home(HashOf(key));
  uint32_t filled = Filled(*bucket);
  while (filled >= kWidth) {
    bucket->filled = epoch_ + kOverflowed;
    filled = Filled(*++bucket);
  }
  if (bucket == region.buckets() + region.homes + kTail - 1) return false;
  bucket->keys[filled] = key;
  bucket->values[filled] = value;
  bucket->filled = epoch_ + filled + 1;
  return true;
}

void KeyIndex::Grow() {
  if (!growing()) next() = Region(now().homes + now().homes / 2);
  grow_at_ = size_ + kMoveInterval;
  MoveBuckets(kMoveBuckets);
}

void KeyIndex::MoveBuckets(size_t buckets) {
  const size_t wanted = moved_buckets_ + buckets;
  size_t bucket = moved_buckets_;
  // What overflowed from a bucket moves together with it.
  for (bool overflowed = false; bucket < now().homes + kTail && (overflowed || bucket < wanted);
       ++bucket) {
    bool room = true;
    VisitBucket(now().buckets()[bucket],
                [&](Key key, uint32_t value) { room = room && AppendTo(next(), key, value); });
    if (!room) return Rebuild(2 * next().homes);
    overflowed = Filled(now().buckets()[bucket]) == kOverflowed;
  }
  if (bucket >= now().homes) return TakeNext();
  moved_buckets_ = bucket;
  // The first hash of that bucket.
  moved_hash_ = static_cast<uint64_t>(((static_cast<__uint128_t>(bucket) << 64) + now().homes - 1) /
                                      now().homes);
  now().memory.Release(bucket * sizeof(Bucket));
}

void KeyIndex::TakeNext() {
  now() = std::exchange(next(), Region());
  moved_buckets_ = 0;
  moved_hash_ = 0;
  grow_at_ = SizeMax(now());
}

void KeyIndex::Rebuild(size_t homes_min) {
  bool room = false;
  Region region;
  for (; !room; homes_min *= 2) {
    region = Region(homes_min);
    room = true;
    ForEach([&](Key key, uint32_t value) { room = room && AppendTo(region, key, value); });
  }
  next() = std::move(region);
  TakeNext();
}

void KeyIndex::Reserve(size_t keys) {
  const size_t wanted = size_ + keys;
  if (!growing() && wanted <= grow_at_) return;
  Rebuild(std::max(now().homes + now().homes / 2,
                   static_cast<size_t>(static_cast<double>(wanted) / kLoadMax) + 1));
}

void KeyIndex::Clear() {
  if (growing()) TakeNext();
  size_ = 0;
  if (epoch_ > std::numeric_limits<uint32_t>::max() - 16) {
    std::memset(now().memory.data(), 0, now().memory.bytes());
    epoch_ = 0;
  }
  epoch_ += 8;
}

}  // namespace primacy
