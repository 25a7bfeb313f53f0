// Decoded blocks kept in memory up to a budget, so that a log that fits is read and decoded once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "worker/data/block_source.h"

namespace primacy {

// Thread safe; one cache serves all logs (train, hold-out, test) of a process. Blocks that are
// handed out live as long as someone holds them, outside the budget.
//
// Every pass reads every block of its log once, so recency says nothing about the next use. The
// blocks that came first stay; a block displaces others only when it was asked for at least twice
// more often than they were. So the blocks of one log do not displace each other, but a hold-out
// log that is read several times per pass finds room beside the train log.
class BlockCache {
 public:
  explicit BlockCache(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // The block, decoded now if it is not there. Two callers that want the same block at once decode
  // it once. Fails with the error of the source, or when the block does not have the rows that the
  // source announced.
  Result<std::shared_ptr<const LogBlock>> Get(const std::shared_ptr<const BlockSource>& source,
                                              uint32_t block);

  // Memory of the blocks kept.
  uint64_t bytes() const;
  // Blocks read from their sources so far.
  uint64_t decoded() const;

 private:
  struct Entry {
    std::shared_ptr<const LogBlock> block;  // empty: not kept
    uint64_t bytes = 0;                     // of `block`
    uint32_t uses = 0;
    bool loading = false;
  };
  struct Log {
    std::shared_ptr<const BlockSource> source;  // held, so that its address stays its identity
    std::vector<Entry> entries;                 // [block]
  };

  Entry& EntryOf(const std::shared_ptr<const BlockSource>& source, uint32_t block) REQUIRES(mutex_);
  void Keep(Entry& entry, std::shared_ptr<const LogBlock> block) REQUIRES(mutex_);

  const uint64_t bytes_max_;
  mutable Mutex mutex_;
  CondVar loaded_;
  std::map<const BlockSource*, Log> logs_ GUARDED_BY(mutex_);
  std::vector<Entry*> kept_ GUARDED_BY(mutex_);  // those with a block, oldest first
  uint64_t bytes_ GUARDED_BY(mutex_) = 0;
  uint64_t decoded_ GUARDED_BY(mutex_) = 0;
};

}  // namespace primacy
