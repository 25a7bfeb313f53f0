// Which keys the updates under way will change, so that rows that none of them touches can be read
// before they are applied (BSP).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "ps/table/key_index.h"

namespace primacy {

// Keeps the keys of a few steps, each until it is applied. Memory is used again from step to step.
// Not thread safe.
class TouchedKeys {
 public:
  // Keys of one worker's step at `clock` in `table`.
  void Add(int64_t clock, size_t table, std::span<const Key> keys);
  // The step at `clock` is applied: its keys are forgotten.
  void Forget(int64_t clock);
  // Forgets everything.
  void Clear();

  // Splits the indexes of `keys`: `touched` for those that a step at a clock in [begin, end)
  // touches, `free` for the others, both rising. Appends.
  void Split(int64_t begin, int64_t end, size_t table, std::span<const Key> keys,
             std::vector<uint32_t>& free, std::vector<uint32_t>& touched) const;

 private:
  std::map<int64_t, std::vector<KeyIndex>> steps_;  // clock → [table]
  std::vector<std::vector<KeyIndex>> spare_;
};

}  // namespace primacy
