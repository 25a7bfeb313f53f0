#include "ps/table/key_index.h"

#include <glog/logging.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace primacy {

KeyIndex::KeyIndex() : KeyIndex(kBucketsMin) {}

KeyIndex::KeyIndex(size_t buckets)
    : memory_(buckets * sizeof(Bucket)), bucket_count_(memory_.bytes() / sizeof(Bucket)) {}

uint32_t KeyIndex::FindFrom(size_t bucket, Key key) const {
  for (;; bucket = Next(bucket)) {
    const Bucket& line = buckets()[bucket];
    const uint32_t filled = Filled(line);
    const uint32_t position = PositionIn(line, key, filled);
    if (position < kWidth) return line.values[position];
    if (filled < kWidth) return kMissing;
  }
}

uint32_t KeyIndex::Find(Key key) const { return FindFrom(Home(key), key); }

void KeyIndex::Find(std::span<const Key> keys, uint32_t* values) const {
  for (size_t i = 0; i < keys.size(); ++i) values[i] = FindFrom(Home(keys[i]), keys[i]);
}

void KeyIndex::Prefetch(std::span<const Key> keys) const {
  for (const Key key : keys) Prefetch(key);
}

void KeyIndex::Append(Bucket& bucket, uint32_t filled, Key key, uint32_t value) {
  bucket.keys[filled] = key;
  bucket.values[filled] = value;
  bucket.filled = epoch_ + filled + 1;
  ++size_;
}

void KeyIndex::Insert(Key key, uint32_t value) {
  Reserve(1);
  size_t bucket = Home(key);
  uint32_t filled = Filled(buckets()[bucket]);
  while (filled == kWidth) {
    bucket = Next(bucket);
    filled = Filled(buckets()[bucket]);
  }
  Append(buckets()[bucket], filled, key, value);
}

uint32_t KeyIndex::FindOrInsert(Key key, uint32_t value) {
  Reserve(1);
  for (size_t bucket = Home(key);; bucket = Next(bucket)) {
    Bucket& line = buckets()[bucket];
    const uint32_t filled = Filled(line);
    const uint32_t position = PositionIn(line, key, filled);
    if (position < kWidth) return line.values[position];
    if (filled < kWidth) {
      Append(line, filled, key, value);
      return value;
    }
  }
}

void KeyIndex::Reserve(size_t keys) {
  const size_t wanted = size_ + keys;
  if (wanted <= bucket_count_ * kLoadMax) return;
  // By half, not by two: memory counts. Buckets keep their order, so both old and new memory are
  // walked front to back.
  KeyIndex grown(std::max(bucket_count_ + bucket_count_ / 2, wanted / kLoadMax + 1));
  ForEach([&](Key key, uint32_t value) { grown.Insert(key, value); });
  *this = std::move(grown);
}

void KeyIndex::Clear() {
  size_ = 0;
  if (epoch_ > std::numeric_limits<uint32_t>::max() - 16) {
    std::memset(memory_.data(), 0, memory_.bytes());
    epoch_ = 0;
  }
  epoch_ += 8;
}

}  // namespace primacy
