#include "ps/table/gradient_sum.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ps/table/row_math.h"

namespace primacy {
namespace {

// Keys whose memory accesses overlap.
constexpr size_t kBatch = 64;

}  // namespace

void GradientSum::Clear() {
  borrowed_ = false;
  index_.Clear();
  keys_.clear();
  rows_.clear();
}

void GradientSum::ReserveRows(size_t rows) {
  const size_t floats = rows * dim_;
  if (floats <= sums_floats_) return;
  const size_t grown_floats = std::max(floats, sums_floats_ + sums_floats_ / 2);
  auto grown = std::make_unique_for_overwrite<float[]>(grown_floats);
  std::copy_n(sums_.get(), keys_.size() * dim_, grown.get());
  sums_ = std::move(grown);
  sums_floats_ = grown_floats;
}

void GradientSum::AddBorrowed(const PlacedKeys& keys, const float* gradients) {
  if (borrowed_ || !keys_.empty()) return Add(keys, gradients);
  borrowed_ = true;
  only_ = keys;
  only_gradients_ = gradients;
}

void GradientSum::Add(const PlacedKeys& placed, const float* gradients) {
  if (std::exchange(borrowed_, false)) Add(only_, only_gradients_);
  const std::span<const Key> keys = placed.keys;
  std::array<uint32_t, kBatch> positions;
  // Room for all keys before they are looked up, so that what is prefetched stays where it is.
  index_.Reserve(keys.size());
  const auto prefetch = [&](size_t begin) {
    for (size_t i = begin; i < std::min(begin + kBatch, keys.size()); ++i) index_.Prefetch(keys[i]);
  };
  prefetch(0);
  for (size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const size_t count = std::min(kBatch, keys.size() - begin);
    prefetch(begin + kBatch);

    const size_t filled = keys_.size();
    ReserveRows(filled + count);
    for (size_t i = 0; i < count; ++i) {
      const Key key = keys[begin + i];
      positions[i] = index_.FindOrInsert(key, static_cast<uint32_t>(keys_.size()));
      if (positions[i] < keys_.size()) continue;
      keys_.push_back(key);
      rows_.push_back(placed.rows.empty() ? KeyIndex::kMissing : placed.rows[begin + i]);
    }
    AddRows(dim_, std::span(positions).first(count), gradients + begin * dim_, sums_.get(), filled);
  }
}

void GradientSum::AddSquaredNorms(ShardRange range, std::span<double> by_shard) const {
  const std::span<const Key> keys = this->keys().keys;
  const float* gradient = gradients().data();
  for (size_t i = 0; i < keys.size(); ++i, gradient += dim_) {
    by_shard[ShardOf(keys[i]) - range.begin] += SumOfSquares({gradient, dim_});
  }
}

}  // namespace primacy
