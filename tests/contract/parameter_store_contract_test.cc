// What a parameter store promises for every update rule and row layout, above all: the same bits
// whatever the number of servers and interruptions.
#include <gtest/gtest.h>

#include <cstring>
#include <tuple>

#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing_support::MakeOptimizerConfig;
using testing_support::MakeStoreOptions;
using testing_support::MemoryShardReader;
using testing_support::Record;
using testing_support::StoreJob;

// The first difference, instead of pages of numbers.
testing::AssertionResult SameBits(const std::vector<Record>& a, const std::vector<Record>& b) {
  if (a.size() != b.size()) {
    return testing::AssertionFailure() << a.size() << " records, not " << b.size();
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (!(a[i] == b[i])) return testing::AssertionFailure() << "record " << i << " differs";
    if (!a[i].floats.empty() && std::memcmp(a[i].floats.data(), b[i].floats.data(),
                                            a[i].floats.size() * sizeof(float)) != 0) {
      return testing::AssertionFailure() << "bits of record " << i << " differ";
    }
  }
  return testing::AssertionSuccess();
}

class ParameterStoreContractTest
    : public testing::TestWithParam<std::tuple<OptimizerConfig::Kind, std::vector<int>>> {
 protected:
  static StoreOptions Options() {
    StoreOptions options = MakeStoreOptions(std::get<1>(GetParam()));
    options.table_optimizer = MakeOptimizerConfig(std::get<0>(GetParam()));
    if (std::get<0>(GetParam()) != OptimizerConfig::ROWWISE_ADAGRAD) {
      options.dense_optimizer = options.table_optimizer;
    }
    return options;
  }
  // Admission, a cap that bites, and eviction.
  static StoreOptions LimitedOptions() {
    StoreOptions options = Options();
    options.table.set_admit_count(2);
    options.table.set_rows_per_shard_max(1);
    options.table.set_evict_after_passes(1);
    return options;
  }
  static void Train(StoreJob& job, int64_t first, int64_t last) {
    for (int64_t step = first; step < last; ++step) {
      job.Step(step, step / 3, 700);
      if (step % 3 == 2) {
        for (auto& store : job.stores()) store->Evict(step / 3);
      }
    }
  }
  static constexpr uint64_t kKeys = 5000;
};

TEST_P(ParameterStoreContractTest, AnyNumberOfServersLeavesTheSameBits) {
  for (const StoreOptions& options : {Options(), LimitedOptions()}) {
    StoreJob one(options, 1, kKeys);
    Train(one, 0, 12);
    const std::vector<Record> expected = one.Contents();
    const StoreStats stats = one.Stats();
    if (options.table.admit_count() > 1) {
      EXPECT_GT(stats.refused_keys, 0);
      EXPECT_GT(stats.evicted_rows, 0);
      EXPECT_GT(stats.waiting_keys, 0);
    }
    for (const int servers : {2, 3}) {
      StoreJob split(options, servers, kKeys);
      Train(split, 0, 12);
      EXPECT_TRUE(SameBits(split.Contents(), expected)) << servers;
      EXPECT_EQ(split.Stats().rows, stats.rows);
      EXPECT_EQ(split.Stats().refused_keys, stats.refused_keys);
      EXPECT_EQ(split.Stats().evicted_rows, stats.evicted_rows);
      EXPECT_EQ(split.Stats().waiting_keys, stats.waiting_keys);
    }
  }
}

TEST_P(ParameterStoreContractTest, SavedLoadedAndContinuedIsUndisturbed) {
  const StoreOptions options = LimitedOptions();
  StoreJob undisturbed(options, 1, kKeys);
  Train(undisturbed, 0, 6);
  const std::vector<Record> saved = undisturbed.Contents();
  Train(undisturbed, 6, 12);

  for (const int servers : {1, 2}) {
    StoreJob resumed(options, servers, kKeys);
    Train(resumed, 0, 2);
    for (auto& store : resumed.stores()) {
      store->Reset(false);
      MemoryShardReader reader({0, kVirtualShards}, options.parameters, saved);
      ASSERT_OK(store->Load(reader, false));
    }
    EXPECT_TRUE(SameBits(resumed.Contents(), saved));
    Train(resumed, 6, 12);
    EXPECT_TRUE(SameBits(resumed.Contents(), undisturbed.Contents())) << servers;
  }
}

TEST_P(ParameterStoreContractTest, ResetIsANewStore) {
  for (const StoreOptions& options : {Options(), LimitedOptions()}) {
    StoreJob fresh(options, 1, kKeys);
    const std::vector<Record> empty = fresh.Contents();
    StoreJob used(options, 1, kKeys);
    Train(used, 3, 7);
    used.stores()[0]->Reset(false);
    EXPECT_TRUE(SameBits(used.Contents(), empty));
    EXPECT_EQ(used.Stats().rows, 0);
    EXPECT_EQ(used.Stats().refused_keys, 0);
    Train(fresh, 0, 5);
    Train(used, 0, 5);
    EXPECT_TRUE(SameBits(used.Contents(), fresh.Contents()));
  }
}

TEST_P(ParameterStoreContractTest, WeightsOnlyIsTheSameAsResetWithWeights) {
  const StoreOptions options = LimitedOptions();
  StoreJob reset(options, 1, kKeys);
  Train(reset, 0, 6);
  StoreJob loaded(options, 1, kKeys);
  MemoryShardReader reader({0, kVirtualShards}, options.parameters, reset.Contents());
  ASSERT_OK(loaded.stores()[0]->Load(reader, true));
  const int64_t rows = reset.Stats().rows;
  reset.stores()[0]->Reset(true);
  EXPECT_EQ(reset.Stats().rows, rows);
  EXPECT_EQ(reset.Stats().waiting_keys, 0);
  EXPECT_TRUE(SameBits(loaded.Contents(), reset.Contents()));
  Train(reset, 0, 4);
  Train(loaded, 0, 4);
  EXPECT_TRUE(SameBits(loaded.Contents(), reset.Contents()));
}

TEST_P(ParameterStoreContractTest, ANonFiniteGradientChangesNothing) {
  StoreJob job(LimitedOptions(), 1, kKeys);
  Train(job, 0, 4);
  ParameterStore& store = *job.stores()[0];
  const std::vector<Record> before = job.Contents();
  const StoreStats stats = store.stats();
  const size_t dim = static_cast<size_t>(store.options().parameters.table(0).dim());

  const std::vector<Key> keys = {TableKey(0, 1), TableKey(0, 2), TableKey(0, 999'999)};
  std::vector<float> gradients(keys.size() * dim, 1.0f);
  gradients[dim] = INFINITY;
  store.BeginUpdate();
  store.Accumulate(0, keys, gradients.data());
  const Status in_table = store.Apply({.step = 4});
  ASSERT_FALSE(in_table.ok());
  EXPECT_EQ(in_table.error().kind(), ErrorKind::kFailure);
  EXPECT_EQ(in_table.error().message(),
            "the gradient of table 0 (rows of " + std::to_string(dim) + " weights) is not finite");

  std::vector<float> dense(store.layout().FloatsOf(store.options().shards), 1.0f);
  size_t begin = 0;
  for (const DenseBlock& block : store.layout().BlocksOf(store.options().shards)) {
    if (block.tensor == 3 && block.number == 1) dense[begin + block.size - 1] = NAN;
    begin += block.size;
  }
  gradients[dim] = 1;
  store.BeginUpdate();
  store.Accumulate(0, keys, gradients.data());
  store.AccumulateDense(dense.data());
  const Status in_tensor = store.Apply({.step = 4});
  ASSERT_FALSE(in_tensor.ok());
  EXPECT_EQ(in_tensor.error().message(), "the gradient of tensor tower1 is not finite");

  EXPECT_TRUE(SameBits(job.Contents(), before));
  EXPECT_EQ(store.stats().rows, stats.rows);
  EXPECT_EQ(store.stats().waiting_keys, stats.waiting_keys);
}

INSTANTIATE_TEST_SUITE_P(
    OptimizersAndLayouts, ParameterStoreContractTest,
    testing::Combine(testing::Values(OptimizerConfig::SGD, OptimizerConfig::ADAGRAD,
                                     OptimizerConfig::ROWWISE_ADAGRAD, OptimizerConfig::ADAM),
                     testing::Values(std::vector<int>{8}, std::vector<int>{16, 3},
                                     std::vector<int>{1, 33, 64})),
    [](const auto& info) {
      std::string name = OptimizerConfig::Kind_Name(std::get<0>(info.param));
      for (const int dim : std::get<1>(info.param)) name.append("_").append(std::to_string(dim));
      return name;
    });

}  // namespace
}  // namespace primacy
