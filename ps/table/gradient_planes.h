// The gradients of one update in planes, one per task: summed over workers, multiplied with each
// other per virtual shard, and weighed into one gradient.
//
// Shared are all table rows and the dense tensors of several tasks; a tensor that only one task's
// loss reaches is private and has one gradient, of that task.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "common/protocol/dense_layout.h"
#include "common/protocol/messages.pb.h"
#include "ps/table/gradient_sum.h"
#include "ps/table/parameter_store.h"

namespace primacy {

// Not thread safe. Its memory is used again from update to update.
class GradientPlanes {
 public:
  // `parameters` and `layout` outlive this.
  GradientPlanes(const ParameterSpec& parameters, const DenseLayout& layout, ShardRange shards);

  // Floats of one worker's planes: for each plane the rows of each table [keys, dim] and the shared
  // blocks; then the private blocks. Blocks in the order of the layout.
  size_t FloatsOf(size_t planes, std::span<const std::span<const Key>> tables) const;

  // A new update with planes of these tasks; at least one.
  void Begin(uint64_t plane_tasks);
  // Adds a worker's planes in float; call in worker order. places: of the keys, per table.
  // REQUIRES: keys of a table that are all different, and outlive the update with their places;
  // FloatsOf() floats.
  void Add(std::span<const std::span<const Key>> tables, std::span<const RowPlaces> places,
           std::span<const float> gradients);

  // NumbersPerShard() numbers of each shard of the range (common/protocol/plane_products.h), summed
  // in the order of keys and blocks, in double.
  std::vector<double> Products() const;

  // Σ_p weights[p] · plane p. Then store.BeginUpdate() may be filled by AccumulateTo; the store
  // uses this object's memory until its next update.
  void Weigh(std::span<const double> shared_weights, std::span<const double> private_weights);
  void AccumulateTo(ParameterStore& store) const;

 private:
  struct Table {
    size_t dim = 0;
    GradientSum sum{0};                        // rows [planes, dim] per key
    std::array<std::vector<float>, 2> placed;  // rows as `sum` takes them
    RowPlaces places;                          // of the sum's keys
    std::vector<float> weighed;                // [keys, dim]
  };
  size_t planes() const { return tasks_.size(); }
  std::optional<size_t> PlaneOf(int task) const;

  const ParameterSpec& parameters_;
  const ShardRange shards_;
  const std::span<const DenseBlock> blocks_;
  size_t shared_floats_ = 0;  // of blocks_
  size_t private_floats_ = 0;
  std::vector<int> tasks_;  // [plane]
  size_t added_ = 0;        // workers
  std::vector<Table> tables_;
  std::vector<float> shared_;   // [plane, shared_floats_]
  std::vector<float> private_;  // [private_floats_]
  std::vector<float> dense_;    // weighed, all blocks
};

}  // namespace primacy
