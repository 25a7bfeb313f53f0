#include "tools/bench/table_work.h"

#include <algorithm>
#include <chrono>

#include "common/base/hash.h"

namespace primacy::bench {
namespace {

constexpr uint64_t kGroup = 1;

}  // namespace

StoreOptions TableOptions(int dim) {
  StoreOptions options;
  options.shards = {0, kVirtualShards};
  options.table_optimizer.set_kind(OptimizerConfig::ADAGRAD);
  options.table_optimizer.set_learning_rate(0.05);
  options.dense_optimizer = options.table_optimizer;
  TableSpec& table = *options.parameters.add_table();
  table.set_dim(dim);
  table.set_init_stddev(0.01f);
  return options;
}

Result<Filled> FillTable(uint64_t keys, int dim, uint64_t batch_keys) {
  using Clock = std::chrono::steady_clock;
  Filled filled;
  PRIMACY_ASSIGN(filled.store, ParameterStore::Create(TableOptions(dim)));
  const std::vector<float> gradients(batch_keys * static_cast<uint64_t>(dim), 0.001f);
  std::vector<Key> batch;
  for (uint64_t begin = 0; begin < keys; begin += batch_keys) {
    batch.clear();
    for (uint64_t id = begin; id < std::min(begin + batch_keys, keys); ++id) {
      batch.push_back(TableKey(kGroup, id));
    }
    std::sort(batch.begin(), batch.end());
    const Clock::time_point began = Clock::now();
    filled.store->BeginUpdate();
    filled.store->Accumulate(0, batch, gradients.data());
    PRIMACY_TRY(filled.store->Apply({}));
    filled.seconds.push_back(std::chrono::duration<double>(Clock::now() - began).count());
  }
  return filled;
}

std::vector<Key> UniformKeys(uint64_t seed, uint64_t count, uint64_t keys) {
  std::vector<Key> batch;
  for (uint64_t i = 0; i < count; ++i) {
    batch.push_back(TableKey(kGroup, RandomBelow(seed, i, keys)));
  }
  std::sort(batch.begin(), batch.end());
  batch.erase(std::unique(batch.begin(), batch.end()), batch.end());
  return batch;
}

double BytesNeeded(int64_t rows, int dim) {
  return static_cast<double>(rows) * (2 * dim * sizeof(float) + sizeof(Key));
}

}  // namespace primacy::bench
