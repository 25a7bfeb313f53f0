// Where each dense tensor lies: in the worker's one flat buffer, and as blocks on the servers.
//
// A tensor is cut into blocks of at most kDenseBlockFloats elements; a block belongs to the virtual
// shard of hash(tensor name, block number) and so to a server, like a table row. All of it follows
// from the tensor specs alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/protocol/messages.pb.h"
#include "common/protocol/sharding.h"

namespace primacy {

inline constexpr size_t kDenseBlockFloats = 4096;

struct DenseBlock {
  int tensor = 0;           // index into the specs
  uint32_t number = 0;      // within its tensor
  uint32_t shard = 0;       // virtual shard that owns it
  size_t tensor_begin = 0;  // first element within the tensor
  size_t flat_begin = 0;    // first element within the flat buffer
  size_t size = 0;          // elements
};

// Immutable after construction, so thread safe.
class DenseLayout {
 public:
  DenseLayout() = default;
  explicit DenseLayout(const ParameterSpec& parameters);

  // Floats of the flat buffer; tensors begin at multiples of 16 floats, the gaps stay 0.
  size_t flat_size() const { return flat_size_; }
  size_t tensor_begin(int tensor) const { return tensor_begin_[tensor]; }
  size_t tensor_size(int tensor) const { return tensor_size_[tensor]; }
  int tensor_count() const { return static_cast<int>(tensor_begin_.size()); }

  // All blocks, ordered by (shard, tensor, number).
  const std::vector<DenseBlock>& blocks() const { return blocks_; }
  // The blocks of a range of shards, in the same order.
  std::span<const DenseBlock> BlocksOf(ShardRange shards) const;
  // Σ size of those blocks.
  size_t FloatsOf(ShardRange shards) const;

 private:
  size_t flat_size_ = 0;
  std::vector<size_t> tensor_begin_;
  std::vector<size_t> tensor_size_;
  std::vector<DenseBlock> blocks_;
};

// Initial value of element `element` of a tensor: uniform in [-init_bound, init_bound].
float InitialDenseValue(uint64_t seed, const TensorSpec& tensor, uint64_t name_hash,
                        uint64_t element);

}  // namespace primacy
