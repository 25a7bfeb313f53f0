// The gradients of one update of one table: rows of several workers, summed per key in the order
// they came. Its memory is used again from update to update.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "common/protocol/sharding.h"
#include "ps/table/key_index.h"

namespace primacy {

// Not thread safe.
class GradientSum {
 public:
  explicit GradientSum(size_t dim) : dim_(dim) {}

  void Clear();
  // gradients: [keys, dim].
  void Add(std::span<const Key> keys, const float* gradients);

  // Different keys, in the order they first came.
  std::span<const Key> keys() const { return keys_; }
  // [keys(), dim].
  std::span<const float> gradients() const { return {sums_.get(), keys_.size() * dim_}; }

  // Adds Σ gradient² of each key to its shard of `range`, in the order of the keys.
  void AddSquaredNorms(ShardRange range, std::span<double> by_shard) const;

  size_t bytes() const {
    return index_.bytes() + keys_.capacity() * sizeof(Key) + sums_floats_ * sizeof(float);
  }

 private:
  void ReserveRows(size_t rows);

  size_t dim_;
  KeyIndex index_;  // key → position in keys_
  std::vector<Key> keys_;
  std::unique_ptr<float[]> sums_;
  size_t sums_floats_ = 0;
};

}  // namespace primacy
