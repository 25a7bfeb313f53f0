// Single behaviours of the parameter store, by hand: what is updated, admitted, refused, evicted,
// saved.
#include "ps/table/parameter_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "ps/table/row_init.h"
#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing_support::MakeStore;
using testing_support::MakeStoreOptions;
using testing_support::MemoryShardWriter;
using testing_support::Record;
using testing_support::Saved;

constexpr size_t kDim = 4;

Key InShard(uint32_t shard, uint64_t number) { return (Key{shard} << 52) | number; }

// One table of four weights under plain gradient descent with a rate of 1.
StoreOptions PlainOptions() {
  StoreOptions options = MakeStoreOptions({kDim});
  options.table_optimizer = OptimizerConfig();
  options.table_optimizer.set_kind(OptimizerConfig::SGD);
  options.table_optimizer.set_learning_rate(1);
  options.dense_optimizer = options.table_optimizer;
  return options;
}

std::vector<float> Initial(const StoreOptions& options, Key key) {
  std::vector<float> row(kDim);
  float* rows[] = {row.data()};
  InitialRows(options.seed, options.parameters.table(0).init_stddev(), kDim, {&key, 1}, rows);
  return row;
}

std::vector<float> Gathered(const ParameterStore& store, Key key) {
  std::vector<float> row(kDim, NAN);
  store.Gather(0, {&key, 1}, row.data());
  return row;
}

std::vector<float> Plus(std::vector<float> row, float addend) {
  for (float& value : row) value += addend;
  return row;
}

// One update in which every key has a gradient of ones.
void Push(ParameterStore& store, const std::vector<Key>& keys, int64_t pass = 0) {
  store.BeginUpdate();
  store.Accumulate(0, keys, std::vector<float>(keys.size() * kDim, 1.0f).data());
  ASSERT_OK(store.Apply({.pass = pass}));
}

std::vector<Record> SavedRows(const ParameterStore& store) {
  std::vector<Record> rows = Saved(store);
  std::erase_if(rows, [](const Record& record) { return !record.is_row; });
  return rows;
}

TEST(ParameterStoreTest, AMissingKeyReadsAsItsInitialValueAndIsNotInserted) {
  const StoreOptions options = PlainOptions();
  const auto store = MakeStore(options);
  EXPECT_EQ(Gathered(*store, 77), Initial(options, 77));
  EXPECT_NE(Gathered(*store, 77), Gathered(*store, 78));
  EXPECT_EQ(store->stats().rows, 0);
  Push(*store, {77});
  EXPECT_EQ(store->stats().rows, 1);
  EXPECT_EQ(Gathered(*store, 77), Plus(Initial(options, 77), -1));
  EXPECT_EQ(Gathered(*store, 78), Initial(options, 78));
}

TEST(ParameterStoreTest, WorkersAreSummedAndScaled) {
  const StoreOptions options = PlainOptions();
  const auto store = MakeStore(options);
  const std::vector<Key> first = {1, 2};
  const std::vector<Key> second = {2, 3};
  store->BeginUpdate();
  store->Accumulate(0, first, std::vector<float>(2 * kDim, 1.0f).data());
  store->Accumulate(0, second, std::vector<float>(2 * kDim, 2.0f).data());
  ASSERT_OK(store->Apply({.scale = 0.5}));
  EXPECT_EQ(Gathered(*store, 1), Plus(Initial(options, 1), -0.5f));
  EXPECT_EQ(Gathered(*store, 2), Plus(Initial(options, 2), -1.5f));
  EXPECT_EQ(Gathered(*store, 3), Plus(Initial(options, 3), -1));
}

TEST(ParameterStoreTest, SquaredNormsCountRowsAndBlocksPerShard) {
  const auto store = MakeStore(PlainOptions());
  const DenseBlock block = store->layout().blocks().front();
  std::vector<double> norms(kVirtualShards, -1);
  store->BeginUpdate();
  store->SquaredNorms(norms);
  EXPECT_EQ(norms, std::vector<double>(kVirtualShards));

  const std::vector<Key> keys = {InShard(9, 1), InShard(block.shard, 2), InShard(9, 2)};
  const std::vector<float> gradients = {1, 1, 1, 1, 0, 2, 0, 0, 3, 0, 0, 1};
  std::vector<float> dense(store->layout().FloatsOf(store->options().shards));
  std::fill_n(dense.begin(), block.size, 0.5f);
  store->Accumulate(0, keys, gradients.data());
  store->AccumulateDense(dense.data());
  store->SquaredNorms(norms);
  ASSERT_NE(block.shard, 9u);
  EXPECT_EQ(norms[9], 14);
  EXPECT_EQ(norms[block.shard], 4 + 0.25 * static_cast<double>(block.size));
  norms[9] = norms[block.shard] = 0;
  EXPECT_EQ(norms, std::vector<double>(kVirtualShards));
}

TEST(ParameterStoreTest, AKeyIsAdmittedAtItsNthUpdate) {
  StoreOptions options = PlainOptions();
  options.table.set_admit_count(3);
  const auto store = MakeStore(options);
  Push(*store, {5}, 1);
  Push(*store, {5, 6}, 2);
  EXPECT_EQ(store->stats().rows, 0);
  EXPECT_EQ(store->stats().waiting_keys, 2);
  EXPECT_EQ(Gathered(*store, 5), Initial(options, 5));
  const std::vector<Record> waiting = SavedRows(*store);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0], (Record{.shard = 0, .id = 5, .update_count = 2, .last_pass = 2}));
  EXPECT_EQ(waiting[1], (Record{.shard = 0, .id = 6, .update_count = 1, .last_pass = 2}));

  Push(*store, {6, 5, 4}, 3);
  EXPECT_EQ(store->stats().rows, 1);
  EXPECT_EQ(store->stats().waiting_keys, 2);
  EXPECT_EQ(Gathered(*store, 5), Plus(Initial(options, 5), -1));
  EXPECT_EQ(Gathered(*store, 6), Initial(options, 6));
  Push(*store, {5}, 4);
  const std::vector<Record> rows = SavedRows(*store);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].id, 5u);
  EXPECT_EQ(rows[1].update_count, 4u);
  EXPECT_EQ(rows[1].last_pass, 4u);
  EXPECT_EQ(rows[1].floats, Gathered(*store, 5));
}

TEST(ParameterStoreTest, AFullShardRefusesAndCounts) {
  StoreOptions options = MakeStoreOptions({kDim, 2});
  options.table.set_rows_per_shard_max(2);
  const auto store = MakeStore(options);
  const std::vector<Key> keys = {InShard(7, 1), InShard(8, 1)};
  store->BeginUpdate();
  store->Accumulate(0, keys, std::vector<float>(2 * kDim).data());
  // The cap is on the rows of all tables together.
  const std::vector<Key> others = {InShard(7, 1), InShard(7, 2), InShard(8, 5)};
  store->Accumulate(1, others, std::vector<float>(6).data());
  ASSERT_OK(store->Apply({}));
  EXPECT_EQ(store->stats().rows, 4);
  EXPECT_EQ(store->stats().refused_keys, 1);
  Push(*store, {InShard(7, 9), InShard(7, 1), InShard(8, 2)});
  EXPECT_EQ(store->stats().rows, 4);
  EXPECT_EQ(store->stats().refused_keys, 3);
  EXPECT_EQ(Gathered(*store, InShard(7, 9)), Initial(options, InShard(7, 9)));
}

TEST(ParameterStoreTest, EvictionMakesRoomForWhoWaits) {
  StoreOptions options = PlainOptions();
  options.table.set_admit_count(2);
  options.table.set_rows_per_shard_max(1);
  options.table.set_evict_after_passes(2);
  const auto store = MakeStore(options);
  Push(*store, {1}, 0);
  Push(*store, {1}, 0);
  for (int64_t pass = 1; pass < 4; ++pass) Push(*store, {2}, pass);
  EXPECT_EQ(store->stats().refused_keys, 2);
  store->Evict(2);  // last updated in pass 0: two passes before, not more
  EXPECT_EQ(store->stats().rows, 1);
  store->Evict(3);
  EXPECT_EQ(store->stats().rows, 0);
  EXPECT_EQ(store->stats().evicted_rows, 1);
  EXPECT_EQ(Gathered(*store, 1), Initial(options, 1));
  EXPECT_EQ(store->stats().waiting_keys, 1);

  Push(*store, {1, 2}, 3);
  EXPECT_EQ(store->stats().waiting_keys, 1);
  EXPECT_EQ(Gathered(*store, 2), Plus(Initial(options, 2), -1));
  EXPECT_EQ(Gathered(*store, 1), Initial(options, 1));
  store->Evict(6);
  EXPECT_EQ(store->stats().rows, 0);
  EXPECT_EQ(store->stats().waiting_keys, 0);
}

TEST(ParameterStoreTest, WithoutEvictionRowsStay) {
  const auto store = MakeStore(PlainOptions());
  Push(*store, {1}, 0);
  store->Evict(1'000'000);
  EXPECT_EQ(store->stats().rows, 1);
}

// Σ |change| of each tensor by an update of ones with `update`.
std::map<std::string, float> DenseChanges(const UpdateOptions& update) {
  const auto store = MakeStore(PlainOptions());
  const size_t floats = store->layout().FloatsOf(store->options().shards);
  std::vector<float> before(floats);
  std::vector<float> after(floats);
  store->GatherDense(before.data());
  store->BeginUpdate();
  store->AccumulateDense(std::vector<float>(floats, 1.0f).data());
  const Key key = 3;
  store->Accumulate(0, {&key, 1}, std::vector<float>(kDim, 1.0f).data());
  CHECK(store->Apply(update).ok());
  store->GatherDense(after.data());
  std::map<std::string, float> changes;
  size_t at = 0;
  for (const DenseBlock& block : store->layout().BlocksOf(store->options().shards)) {
    float& change = changes[store->options().parameters.tensor(block.tensor).name()];
    for (size_t i = 0; i < block.size; ++i, ++at) {
      change = std::max(change, std::round(std::abs(after[at] - before[at])));
    }
  }
  changes["rows"] = static_cast<float>(store->stats().rows);
  return changes;
}

TEST(ParameterStoreTest, ActiveTasksAndFrozenSharedParts) {
  using Changes = std::map<std::string, float>;
  EXPECT_EQ(DenseChanges({}),
            (Changes{{"bottom", 1}, {"bias", 1}, {"tower0", 1}, {"tower1", 1}, {"rows", 1}}));
  EXPECT_EQ(DenseChanges({.active_tasks = 2}),
            (Changes{{"bottom", 1}, {"bias", 1}, {"tower0", 0}, {"tower1", 1}, {"rows", 1}}));
  EXPECT_EQ(DenseChanges({.active_tasks = 1, .freeze_shared = true}),
            (Changes{{"bottom", 0}, {"bias", 0}, {"tower0", 1}, {"tower1", 0}, {"rows", 0}}));
}

TEST(ParameterStoreTest, WithoutDenseGradientsDenseStaysEvenWithL2) {
  StoreOptions options = MakeStoreOptions({kDim});
  const auto store = MakeStore(options);
  std::vector<float> before(store->layout().FloatsOf(options.shards));
  std::vector<float> after(before.size());
  store->BeginUpdate();
  store->AccumulateDense(before.data());
  ASSERT_OK(store->Apply({}));
  store->GatherDense(before.data());
  Push(*store, {1, 2});
  store->GatherDense(after.data());
  EXPECT_EQ(after, before);
}

TEST(ParameterStoreTest, DenseBeginsWithTheLayoutsInitialValues) {
  StoreOptions options = PlainOptions();
  options.shards = ShardsOf(1, 2);
  const auto store = MakeStore(options);
  std::vector<float> weights(store->layout().FloatsOf(options.shards));
  store->GatherDense(weights.data());
  size_t at = 0;
  for (const DenseBlock& block : store->layout().BlocksOf(options.shards)) {
    const TensorSpec& tensor = options.parameters.tensor(block.tensor);
    for (size_t i = 0; i < block.size; ++i, ++at) {
      ASSERT_EQ(weights[at], InitialDenseValue(options.seed, tensor, HashBytes(tensor.name()),
                                               block.tensor_begin + i));
    }
  }
  EXPECT_EQ(at, weights.size());
}

TEST(ParameterStoreTest, GrowthKeepsAllRows) {
  const StoreOptions options = PlainOptions();
  const auto store = MakeStore(options);
  constexpr uint64_t kRows = 200'000;
  constexpr uint64_t kBatch = 7919;
  for (uint64_t begin = 0; begin < kRows; begin += kBatch) {
    std::vector<Key> keys;
    std::vector<float> gradients;
    for (uint64_t i = begin; i < std::min(kRows, begin + kBatch); ++i) {
      keys.push_back(TableKey(1, i));
      gradients.insert(gradients.end(), kDim, static_cast<float>(i % 128));
    }
    store->BeginUpdate();
    store->Accumulate(0, keys, gradients.data());
    ASSERT_OK(store->Apply({}));
  }
  EXPECT_EQ(store->stats().rows, static_cast<int64_t>(kRows));
  for (uint64_t i = 0; i < kRows; ++i) {
    const Key key = TableKey(1, i);
    ASSERT_EQ(Gathered(*store, key), Plus(Initial(options, key), -static_cast<float>(i % 128)));
  }
}

TEST(ParameterStoreTest, SavesInOneOrderWhateverTheOrderOfArrival) {
  StoreOptions options = MakeStoreOptions({kDim, kDim});
  std::vector<Key> keys;
  for (uint64_t i = 0; i < 3000; ++i) keys.push_back(Mix64(i));
  const auto forwards = MakeStore(options);
  const auto backwards = MakeStore(options);
  for (const int table : {0, 1}) {
    forwards->BeginUpdate();
    forwards->Accumulate(table, keys, std::vector<float>(keys.size() * kDim, 0.5f).data());
    ASSERT_OK(forwards->Apply({}));
  }
  std::reverse(keys.begin(), keys.end());
  backwards->BeginUpdate();
  for (const int table : {1, 0}) {
    backwards->Accumulate(table, keys, std::vector<float>(keys.size() * kDim, 0.5f).data());
  }
  ASSERT_OK(backwards->Apply({}));

  const std::vector<Record> records = Saved(*forwards);
  EXPECT_EQ(records, Saved(*backwards));
  EXPECT_EQ(records.size(), 6000 + forwards->layout().blocks().size());
  EXPECT_TRUE(std::is_sorted(records.begin(), records.end(), [](const Record& a, const Record& b) {
    return std::tuple(a.shard, !a.is_row, a.owner, a.id) <
           std::tuple(b.shard, !b.is_row, b.owner, b.id);
  }));
}

TEST(ParameterStoreTest, SaveHandsOnTheWritersError) {
  const auto store = MakeStore(PlainOptions());
  Push(*store, {1, 2, 3});
  for (const size_t fail_at : {0, 2, 5}) {
    MemoryShardWriter writer;
    writer.fail_at = fail_at;
    const Status status = store->Save(writer);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().message(), "disk full");
  }
}

TEST(ParameterStoreTest, CountsItsMemory) {
  const auto store = MakeStore(PlainOptions());
  const int64_t empty = store->stats().bytes;
  // At least the dense weights; an empty table is small.
  EXPECT_GE(empty, static_cast<int64_t>(store->layout().FloatsOf({0, kVirtualShards}) * 4));
  EXPECT_LT(empty, 1 << 20);
  std::vector<Key> keys(100'000);
  for (size_t i = 0; i < keys.size(); ++i) keys[i] = Mix64(i);
  Push(*store, keys);
  EXPECT_GE(store->stats().bytes - empty, 100'000 * static_cast<int64_t>(kDim * 4 + 8 + 12));
  store->Reset(false);
  EXPECT_EQ(store->stats().rows, 0);
}

TEST(ParameterStoreTest, RefusesWhatItCannotHold) {
  const auto error = [](const StoreOptions& options) {
    const auto made = ParameterStore::Create(options);
    return made.ok() ? std::string("accepted") : made.error().message();
  };
  StoreOptions options = PlainOptions();
  options.parameters.mutable_table(0)->set_dim(0);
  EXPECT_EQ(error(options),
            "table 0 has rows of 0 weights; 1 to 524270 floats with their slots are possible");
  options.parameters.mutable_table(0)->set_dim(1 << 30);
  EXPECT_NE(error(options), "accepted");
  options = PlainOptions();
  options.parameters.mutable_table(0)->set_init_stddev(NAN);
  EXPECT_EQ(error(options), "table 0 has an initial standard deviation of nan");
  options = PlainOptions();
  options.parameters.mutable_tensor(1)->set_rows(int64_t{1} << 40);
  options.parameters.mutable_tensor(1)->set_cols(int64_t{1} << 40);
  EXPECT_EQ(error(options), "tensor bias has the shape [1099511627776, 1099511627776]");
  options.parameters.mutable_tensor(1)->set_rows(-3);
  EXPECT_NE(error(options), "accepted");
  options = PlainOptions();
  options.parameters.mutable_tensor(2)->set_owner_task(64);
  EXPECT_EQ(error(options), "tensor tower0 belongs to task 64; there can be 64");
  options = PlainOptions();
  options.table.set_admit_count(0);
  EXPECT_EQ(error(options), "table.admit_count must be at least 1");
  options = PlainOptions();
  options.table_optimizer.clear_kind();
  EXPECT_EQ(error(options), "table_optimizer.kind must be set");
}

}  // namespace
}  // namespace primacy
