// The slices of a job's log, opened when they are first needed, with one cache of decoded blocks
// for all of them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/clicklog/reader.h"
#include "worker/data/block_cache.h"
#include "worker/data/resident_blocks.h"

namespace primacy {

// Not thread safe.
class WorkerLog {
 public:
  WorkerLog(std::string root, uint64_t cache_bytes)
      : root_(std::move(root)), cache_(std::make_shared<BlockCache>(cache_bytes)) {}

  struct Slice {
    std::shared_ptr<const LogDirectory> directory;
    CachedLog cached;
  };
  // The folder `name` of the log ("train"); "." is the log's own folder. Usage errors name the
  // folder.
  Result<Slice> Open(const std::string& name);

 private:
  const std::string root_;
  const std::shared_ptr<BlockCache> cache_;
  std::map<std::string, Slice> slices_;
};

}  // namespace primacy
