// A made-up training job against parameter stores: the same pushes, whatever the number of servers
// they are split over.
#pragma once

#include <glog/logging.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "common/base/hash.h"
#include "ps/table/parameter_store.h"
#include "tests/ps/table/memory_shard_file.h"

namespace primacy::testing_support {

inline OptimizerConfig MakeOptimizerConfig(OptimizerConfig::Kind kind) {
  OptimizerConfig config;
  config.set_kind(kind);
  config.set_learning_rate(0.05);
  config.set_l2(0.001);
  config.set_initial_accumulator(0.1);
  return config;
}

// Tables of the given dimensions; tensors "bottom" [130, 70] and "bias" [1, 30] (shared), "tower0"
// (task 0), "tower1" (task 1).
inline StoreOptions MakeStoreOptions(const std::vector<int>& dims = {8}) {
  StoreOptions options;
  options.shards = {0, kVirtualShards};
  options.seed = 11;
  options.table_optimizer = MakeOptimizerConfig(OptimizerConfig::ADAGRAD);
  options.dense_optimizer = MakeOptimizerConfig(OptimizerConfig::ADAM);
  for (const int dim : dims) {
    TableSpec& table = *options.parameters.add_table();
    table.set_dim(dim);
    table.set_init_stddev(0.1f);
  }
  const auto add = [&](const char* name, int rows, int cols, int owner) {
    TensorSpec& tensor = *options.parameters.add_tensor();
    tensor.set_name(name);
    tensor.set_rows(rows);
    tensor.set_cols(cols);
    tensor.set_init_bound(0.3f);
    tensor.set_owner_task(owner);
  };
  add("bottom", 130, 70, -1);
  add("bias", 1, 30, -1);
  add("tower0", 20, 3, 0);
  add("tower1", 70, 70, 1);
  return options;
}

inline std::unique_ptr<ParameterStore> MakeStore(const StoreOptions& options) {
  auto store = ParameterStore::Create(options);
  CHECK(store.ok()) << store.error().trace();
  return *std::move(store);
}

// Stores that share the virtual shards as servers do, fed by workers that push in rank order.
class StoreJob {
 public:
  // keys: how many different ones there are; rare ones come less often.
  StoreJob(StoreOptions options, int servers, uint64_t keys, int workers = 3)
      : options_(std::move(options)), keys_(keys), workers_(workers) {
    for (int s = 0; s < servers; ++s) {
      StoreOptions own = options_;
      own.shards = ShardsOf(s, servers);
      stores_.push_back(MakeStore(own));
    }
  }

  std::vector<std::unique_ptr<ParameterStore>>& stores() { return stores_; }

  // Update `step` with keys_per_worker draws; gradients depend on the current weights, as in
  // training.
  void Step(int64_t step, int64_t pass, size_t keys_per_worker) {
    for (auto& store : stores_) store->BeginUpdate();
    for (int worker = 0; worker < workers_; ++worker) {
      for (int t = 0; t < options_.parameters.table_size(); ++t) {
        const std::vector<Key> keys = Draw(step, worker, t, keys_per_worker);
        for (auto& store : stores_)
          PushRows(*store, t, Inside(keys, store->options().shards), worker);
      }
      for (auto& store : stores_) PushDense(*store, step, worker);
    }
    std::vector<double> norms;
    for (auto& store : stores_) {
      std::vector<double> own(store->options().shards.size());
      store->SquaredNorms(own);
      norms.insert(norms.end(), own.begin(), own.end());
    }
    double norm = 0;
    for (const double shard : norms) norm += shard;
    const UpdateOptions update{.step = step, .pass = pass, .scale = 1 / (1 + std::sqrt(norm))};
    for (auto& store : stores_) CHECK(store->Apply(update).ok());
  }

  // Everything all stores hold, in order of shards.
  std::vector<Record> Contents() const {
    std::vector<Record> all;
    for (const auto& store : stores_) {
      MemoryShardWriter writer;
      CHECK(store->Save(writer).ok());
      all.insert(all.end(), writer.records.begin(), writer.records.end());
    }
    return all;
  }

  StoreStats Stats() const {
    StoreStats sum;
    for (const auto& store : stores_) {
      const StoreStats own = store->stats();
      sum.rows += own.rows;
      sum.refused_keys += own.refused_keys;
      sum.evicted_rows += own.evicted_rows;
      sum.waiting_keys += own.waiting_keys;
    }
    return sum;
  }

 private:
  // Distinct keys, sorted by virtual shard only.
  std::vector<Key> Draw(int64_t step, int worker, int table, size_t count) const {
    const uint64_t stream = HashCombine(static_cast<uint64_t>(step), static_cast<uint64_t>(worker));
    std::vector<Key> keys;
    for (size_t i = 0; i < count; ++i) {
      const double u = RandomUniform(stream, i);
      keys.push_back(TableKey(static_cast<uint64_t>(table),
                              static_cast<uint64_t>(u * u * static_cast<double>(keys_))));
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::stable_sort(keys.begin(), keys.end(), [&](Key a, Key b) {
      return ShardOf(a) != ShardOf(b) ? ShardOf(a) < ShardOf(b)
                                      : HashCombine(stream, a) < HashCombine(stream, b);
    });
    return keys;
  }
  static std::vector<Key> Inside(const std::vector<Key>& keys, ShardRange shards) {
    std::vector<Key> inside;
    for (const Key key : keys) {
      if (shards.Contains(ShardOf(key))) inside.push_back(key);
    }
    return inside;
  }
  void PushRows(ParameterStore& store, int table, const std::vector<Key>& keys, int worker) const {
    const size_t dim = static_cast<size_t>(options_.parameters.table(table).dim());
    std::vector<float> rows(keys.size() * dim);
    store.Gather(table, keys, rows.data());
    for (float& value : rows) value = value * 0.7f + static_cast<float>(worker) * 0.01f - 0.02f;
    store.Accumulate(table, keys, rows.data());
  }
  static void PushDense(ParameterStore& store, int64_t step, int worker) {
    std::vector<float> weights(store.layout().FloatsOf(store.options().shards));
    store.GatherDense(weights.data());
    for (float& value : weights) {
      value = value * 0.3f + 0.01f * static_cast<float>(worker + step % 3);
    }
    store.AccumulateDense(weights.data());
  }

  const StoreOptions options_;
  const uint64_t keys_;
  const int workers_;
  std::vector<std::unique_ptr<ParameterStore>> stores_;
};

}  // namespace primacy::testing_support
