#include "ps/table/saved_keys.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace primacy {
namespace {

constexpr int kShardBits = std::countr_zero(kVirtualShards);
constexpr int kBucketBitsMax = 12;

bool KeyIsLess(const SavedKey& a, const SavedKey& b) { return a.key < b.key; }

}  // namespace

void SavedKeys::Start(ShardRange share) {
  share_ = share;
  next_.clear();
  size_t keys = 0;
  for (uint32_t shard = share.begin; shard < share.end; ++shard) {
    next_.push_back(keys);
    keys += count_[shard - shards_.begin];
  }
  keys_.resize(keys);
}

std::span<const SavedKey> SavedKeys::Sorted() {
  size_t begin = 0;
  for (uint32_t shard = share_.begin; shard < share_.end; ++shard) {
    const size_t end = next_[shard - share_.begin];
    CHECK_EQ(end - begin, count_[shard - shards_.begin]) << "shard " << shard;
    SortShard(std::span(keys_).subspan(begin, end - begin));
    begin = end;
  }
  return keys_;
}

void SavedKeys::SortShard(std::span<SavedKey> keys) {
  const int bits = std::min(static_cast<int>(std::bit_width(keys.size())), kBucketBitsMax);
  const auto bucket_of = [&](const SavedKey& entry) {
    return static_cast<size_t>(entry.key << kShardBits >> (64 - bits));
  };
  if (keys.size() < 2) return;
  bucket_end_.assign(size_t{1} << bits, 0);
  for (const SavedKey& entry : keys) ++bucket_end_[bucket_of(entry)];
  uint32_t begin = 0;
  for (uint32_t& bucket : bucket_end_) begin += std::exchange(bucket, begin);
  bucketed_.resize(std::max(bucketed_.size(), keys.size()));
  for (const SavedKey& entry : keys) bucketed_[bucket_end_[bucket_of(entry)]++] = entry;
  // Keys that are no hashes may all be in one bucket.
  begin = 0;
  for (const uint32_t end : bucket_end_) {
    if (end - begin > 1) std::sort(&bucketed_[begin], &bucketed_[end - 1] + 1, KeyIsLess);
    begin = end;
  }
  std::copy_n(bucketed_.begin(), keys.size(), keys.begin());
}

}  // namespace primacy
