// One server's blocks of the dense tensors: weights, slots, and the gradients of an update.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/dense_layout.h"
#include "ps/checkpoint/shard_file.h"
#include "ps/optimizer/optimizer.h"
#include "ps/table/dense_content.h"

namespace primacy {

// Not thread safe.
class DenseBlocks {
 public:
  struct Selection {
    uint64_t active_tasks = ~0ull;  // bit t: tensors private to task t take part
    bool shared = true;             // tensors of several tasks take part
  };

  // `parameters`, `layout` and `optimizer` outlive this. All tensors begin with their initial
  // values.
  DenseBlocks(const ParameterSpec& parameters, const DenseLayout& layout, ShardRange shards,
              uint64_t seed, const Optimizer& optimizer);

  std::span<const DenseBlock> blocks() const { return content_.blocks; }
  const DenseContent& content() const { return content_; }
  // Weights of blocks(), one after the other.
  void Gather(float* out) const;

  // Forgets the gradients of the last update.
  void ClearGradients() { has_gradients_ = false; }
  // Adds gradients, laid out as Gather's weights.
  void AddGradients(const float* gradients);
  // Adds Σ gradient² of each block to its shard, block after block.
  void AddSquaredNorms(std::span<double> by_shard) const;
  // An error that names the tensor of a gradient that is not finite.
  Status CheckGradients() const;
  // Updates the selected tensors, unless no gradients were added.
  void Update(Step step, float scale, const Selection& selection);

  void Reset();
  void ResetSlots();

  // Takes over a saved block of `shard`. With weights_only its slots are initial. Fails when it is
  // none of blocks() or has another size.
  Status Restore(uint32_t shard, const StoredBlock& stored, bool weights_only);

  size_t bytes() const {
    return (content_.values.capacity() + gradients_.capacity()) * sizeof(float);
  }

 private:
  size_t SlotFloats(const DenseBlock& block) const { return optimizer_.SlotFloats(block.size); }
  void InitialSlots(size_t block);

  const ParameterSpec& parameters_;
  const ShardRange shards_;
  const uint64_t seed_;
  const Optimizer& optimizer_;
  DenseContent content_;
  std::vector<float> gradients_;
  bool has_gradients_ = false;
};

}  // namespace primacy
