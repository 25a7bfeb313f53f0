// The gradients of one update of one table: rows of several workers, summed per key in the order
// they came. Its memory is used again from update to update, and only where there is something to
// add.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "common/protocol/sharding.h"
#include "ps/table/key_index.h"
#include "ps/table/placed_keys.h"

namespace primacy {

// Not thread safe.
class GradientSum {
 public:
  explicit GradientSum(size_t dim) : dim_(dim) {}

  void Clear();
  // gradients: [keys, dim].
  void Add(const PlacedKeys& keys, const float* gradients);
  // The same. A first call copies nothing. REQUIRES: keys that are all different; keys, rows and
  // gradients outlive the next Clear or the last use before it.
  void AddBorrowed(const PlacedKeys& keys, const float* gradients);

  // Different keys, in the order they first came.
  PlacedKeys keys() const { return borrowed_ ? only_ : PlacedKeys{keys_, rows_}; }
  // [keys(), dim].
  std::span<const float> gradients() const {
    return {borrowed_ ? only_gradients_ : sums_.get(), keys().keys.size() * dim_};
  }

  // Adds Σ gradient² of each key to its shard of `range`, in the order of the keys.
  void AddSquaredNorms(ShardRange range, std::span<double> by_shard) const;

  size_t bytes() const {
    return index_.bytes() + keys_.capacity() * sizeof(Key) + rows_.capacity() * sizeof(uint32_t) +
           sums_floats_ * sizeof(float);
  }

 private:
  void ReserveRows(size_t rows);

  size_t dim_;
  bool borrowed_ = false;  // only_ is all there is
  PlacedKeys only_;
  const float* only_gradients_ = nullptr;
  KeyIndex index_;  // key → position in keys_
  std::vector<Key> keys_;
  std::vector<uint32_t> rows_;  // [keys_]
  std::unique_ptr<float[]> sums_;
  size_t sums_floats_ = 0;
};

}  // namespace primacy
