// The decoded blocks of the windows that a plan's steps are in, held in memory whatever the cache
// keeps.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/result.h"
#include "worker/data/batch_plan.h"
#include "worker/data/block_cache.h"

namespace primacy {

// A log and the cache its blocks go through.
struct CachedLog {
  std::shared_ptr<const BlockSource> source;
  std::shared_ptr<BlockCache> cache;
};

// Not thread safe. Holds the windows of one step and, bit by bit as the step's window is used up,
// the window after, so that the border between windows does not stall the reader.
class ResidentBlocks {
 public:
  // `plan` is of the same log and outlives this.
  ResidentBlocks(CachedLog log, BatchPlan& plan);

  // Loads what the step needs and lets go of windows that it is past.
  Status Hold(Step step);
  // A block of a window of the step held last.
  const LogBlock* operator[](uint32_t block) const { return blocks_[block].get(); }
  // Blocks in memory.
  size_t size() const;

 private:
  void Switch(std::vector<WindowId> windows);
  Status Load(uint32_t block);

  const CachedLog log_;
  BatchPlan& plan_;
  std::vector<WindowId> windows_;                        // of the step held last, and the one after
  std::vector<uint32_t> held_;                           // blocks of windows_[all but the last]
  std::vector<uint32_t> coming_;                         // blocks of the last one
  size_t held_loaded_ = 0;                               // of held_
  size_t coming_loaded_ = 0;                             // of coming_
  std::vector<std::shared_ptr<const LogBlock>> blocks_;  // [block of the log]
};

}  // namespace primacy
