#include "worker/data/block_cache.h"

#include <algorithm>
#include <utility>

#include "common/base/strings.h"

namespace primacy {
namespace {

Result<std::shared_ptr<const LogBlock>> Decode(const BlockSource& source, uint32_t block) {
  PRIMACY_ASSIGN(LogBlock decoded, source.ReadBlock(block));
  if (decoded.rows != source.block_rows(block)) {
    return Failure(Format("block %u has %u rows, its log announced %u", block, decoded.rows,
                          source.block_rows(block)));
  }
  return std::shared_ptr<const LogBlock>(std::make_shared<LogBlock>(std::move(decoded)));
}

}  // namespace

Result<std::shared_ptr<const LogBlock>> BlockCache::Get(
    const std::shared_ptr<const BlockSource>& source, uint32_t block) {
  {
    MutexLock lock(mutex_);
    Entry& entry = EntryOf(source, block);
    ++entry.uses;
    while (entry.loading) loaded_.Wait(mutex_);
    if (entry.block != nullptr) return entry.block;
    entry.loading = true;
  }
  Result<std::shared_ptr<const LogBlock>> decoded = Decode(*source, block);

  MutexLock lock(mutex_);
  Entry& entry = EntryOf(source, block);
  entry.loading = false;
  loaded_.NotifyAll();
  if (decoded.ok()) {
    ++decoded_;
    Keep(entry, *decoded);
  }
  return decoded;
}

BlockCache::Entry& BlockCache::EntryOf(const std::shared_ptr<const BlockSource>& source,
                                       uint32_t block) {
  Log& log = logs_[source.get()];
  if (log.source == nullptr) {
    log.source = source;
    log.entries.resize(source->block_count());
  }
  CHECK_LT(block, log.entries.size());
  return log.entries[block];
}

void BlockCache::Keep(Entry& entry, std::shared_ptr<const LogBlock> block) {
  const uint64_t bytes = block->bytes();
  if (bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) {
    const auto least =
        std::min_element(kept_.begin(), kept_.end(),
                         [](const Entry* a, const Entry* b) { return a->uses < b->uses; });
    Entry& victim = **least;
    if (victim.uses + 2 > entry.uses) return;
    bytes_ -= victim.bytes;
    victim.block.reset();
    kept_.erase(least);
  }
  entry.block = std::move(block);
  entry.bytes = bytes;
  bytes_ += bytes;
  kept_.push_back(&entry);
}

uint64_t BlockCache::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

uint64_t BlockCache::decoded() const {
  MutexLock lock(mutex_);
  return decoded_;
}

}  // namespace primacy
