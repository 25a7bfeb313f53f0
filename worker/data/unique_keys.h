// Numbers distinct keys in the order of their first appearance: how the repeats of a batch are
// removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/protocol/ids.h"
#include "worker/data/batch.h"

namespace primacy {

// Open addressing over keys that are mixed already (their low bits index the table). Memory is kept
// from batch to batch and never cleared: an entry counts only when it carries the stamp of the
// current batch. Not thread safe.
class UniqueKeys {
 public:
  UniqueKeys();

  // Forgets all keys.
  void Start();
  // numbers[i] = number of keys[i], counted from 0 in order of first appearance since Start.
  void Insert(std::span<const Key> keys, std::span<uint32_t> numbers);
  // The distinct keys, in order of first appearance.
  std::span<const Key> keys() const { return {keys_.data(), size_}; }

  // Writes the distinct keys to `table`, split by server. Returns for each number its place there,
  // or nothing when that is the number; valid until the next call.
  std::span<const uint32_t> SplitByServer(int servers, BatchTable& table);

 private:
  void Reserve(size_t keys);

  // stamp << 32 | number. Without the key, which keys_ has: half the memory to probe.
  std::vector<uint64_t> entries_;  // a power of two, at least twice as many as keys
  uint32_t stamp_ = 0;
  size_t size_ = 0;
  std::vector<Key> keys_;  // [at least size_ + 1]
  std::vector<uint32_t> place_;
  std::vector<size_t> next_;  // [server] the next key's place
};

}  // namespace primacy
