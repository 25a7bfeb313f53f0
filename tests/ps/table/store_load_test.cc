// Loading checkpoints: other numbers of servers, other models, and files that do not hold what they
// should.
#include <gtest/gtest.h>

#include "tests/ps/table/store_job.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::MakeOptimizerConfig;
using testing_support::MakeStore;
using testing_support::MakeStoreOptions;
using testing_support::MemoryShardReader;
using testing_support::Record;
using testing_support::StoreJob;
using testing_support::TempDir;

constexpr ShardRange kAll{0, kVirtualShards};

std::vector<Record> Trained(const StoreOptions& options) {
  StoreJob job(options, 1, 5000);
  for (int64_t step = 0; step < 4; ++step) job.Step(step, 0, 1000);
  return job.Contents();
}

// The error of loading `records` of a model with `saved` into a store with `options`.
std::string LoadError(const StoreOptions& options, const ParameterSpec& saved,
                      const std::vector<Record>& records, bool weights_only = false) {
  const auto store = MakeStore(options);
  MemoryShardReader reader(kAll, saved, records);
  const Status status = store->Load(reader, weights_only);
  return status.ok() ? "accepted" : status.error().message();
}

TEST(StoreLoadTest, RealFilesOfThreeServersIntoTwo) {
  StoreOptions options = MakeStoreOptions({8, 5});
  options.table.set_admit_count(2);
  TempDir directory;
  StoreJob three(options, 3, 5000);
  for (int64_t step = 0; step < 4; ++step) three.Step(step, 0, 1000);
  std::vector<std::string> files;
  for (auto& store : three.stores()) {
    auto writer =
        ShardFileWriter::Create(directory.path(), store->options().shards, options.parameters);
    ASSERT_OK(writer);
    ASSERT_OK(store->Save(**writer));
    const auto file = (*writer)->Finish();
    ASSERT_OK(file);
    files.push_back(directory / file->name());
  }

  StoreJob two(options, 2, 5000);
  for (auto& store : two.stores()) {
    for (const std::string& file : files) {
      auto reader = ShardFileReader::Open(file);
      ASSERT_OK(reader);
      ASSERT_OK(store->Load(**reader, false));
    }
  }
  EXPECT_GT(two.Stats().waiting_keys, 0);
  EXPECT_TRUE(two.Contents() == three.Contents());
  for (int64_t step = 4; step < 7; ++step) {
    two.Step(step, 1, 1000);
    three.Step(step, 1, 1000);
  }
  EXPECT_TRUE(two.Contents() == three.Contents());
}

TEST(StoreLoadTest, NamesWhatDiffersInTheModel) {
  const StoreOptions options = MakeStoreOptions({8, 5});
  ParameterSpec other = options.parameters;
  other.mutable_table(1)->set_dim(6);
  EXPECT_EQ(LoadError(options, other, {}),
            "table 1 has rows of 6 weights in the checkpoint, 5 in the model");
  other = options.parameters;
  other.mutable_table()->RemoveLast();
  EXPECT_EQ(LoadError(options, other, {}), "the checkpoint has 1 tables, the model 2");
  other = options.parameters;
  other.mutable_tensor(2)->set_name("head");
  EXPECT_EQ(LoadError(options, other, {}),
            "tensor 2 is head in the checkpoint, tower0 in the model");
  other = options.parameters;
  other.mutable_tensor(2)->set_rows(21);
  EXPECT_EQ(LoadError(options, other, {}),
            "tensor tower0 is [21, 3] in the checkpoint, [20, 3] in the model");
  other = options.parameters;
  other.mutable_tensor()->RemoveLast();
  EXPECT_EQ(LoadError(options, other, {}), "the checkpoint has 3 dense tensors, the model 4");
}

TEST(StoreLoadTest, AnotherOptimizersSlotsAreRefusedUnlessWeightsAreEnough) {
  const StoreOptions options = MakeStoreOptions({8});
  const std::vector<Record> records = Trained(options);
  StoreOptions other = options;
  other.table_optimizer = MakeOptimizerConfig(OptimizerConfig::SGD);
  EXPECT_NE(LoadError(other, options.parameters, records).find("another table_optimizer"),
            std::string::npos);
  EXPECT_EQ(LoadError(other, options.parameters, records, true), "accepted");
  other = options;
  other.dense_optimizer = MakeOptimizerConfig(OptimizerConfig::ADAGRAD);
  EXPECT_NE(LoadError(other, options.parameters, records).find("another dense_optimizer"),
            std::string::npos);
  EXPECT_EQ(LoadError(other, options.parameters, records, true), "accepted");
}

TEST(StoreLoadTest, ACapBelowTheContentIsNamed) {
  StoreOptions options = MakeStoreOptions({8});
  const std::vector<Record> records = Trained(options);
  options.table.set_rows_per_shard_max(1);
  EXPECT_EQ(LoadError(options, options.parameters, records),
            "table.rows_per_shard_max of 1 is below what the checkpoint holds");
}

TEST(StoreLoadTest, RecordsOutOfPlaceAreRefused) {
  const StoreOptions options = MakeStoreOptions({8});
  const Record row{
      .shard = 3, .id = (Key{3} << 52) + 7, .update_count = 1, .floats = std::vector<float>(16)};
  EXPECT_EQ(LoadError(options, options.parameters, {row}), "accepted");
  EXPECT_EQ(LoadError(options, options.parameters, {row, row}),
            "key 0030000000000007 of table 0 comes twice");
  Record wrong = row;
  wrong.shard = 4;
  EXPECT_EQ(LoadError(options, options.parameters, {wrong}),
            "shard 4 holds a row that is not its own");
  for (const int table : {-1, 1}) {
    wrong = row;
    wrong.owner = table;
    EXPECT_EQ(LoadError(options, options.parameters, {wrong}),
              "shard 3 holds a row that is not its own");
  }
  const Record block{
      .shard = 5, .is_row = false, .owner = 0, .id = 99, .floats = std::vector<float>(9)};
  EXPECT_EQ(LoadError(options, options.parameters, {block}),
            "shard 5 holds block 99 of tensor 0, which is not its own");
}

TEST(StoreLoadTest, WaitingKeysNeedACount) {
  StoreOptions options = MakeStoreOptions({8});
  const Record waiting{.shard = 0, .id = 7, .update_count = 0};
  EXPECT_EQ(LoadError(options, options.parameters, {waiting}),
            "accepted");  // admitted at once here
  options.table.set_admit_count(4);
  EXPECT_EQ(LoadError(options, options.parameters, {waiting}),
            "key 0000000000000007 of table 0 waits without an update");
}

TEST(StoreLoadTest, ShardsOfOthersAreLeftOut) {
  StoreOptions options = MakeStoreOptions({8});
  const std::vector<Record> records = Trained(options);
  options.shards = {1000, 1010};
  const auto store = MakeStore(options);
  MemoryShardReader before({0, 1000}, options.parameters, records);
  ASSERT_OK(store->Load(before, false));
  EXPECT_EQ(store->stats().rows, 0);
  MemoryShardReader all(kAll, options.parameters, records);
  ASSERT_OK(store->Load(all, false));
  const auto inside = std::count_if(records.begin(), records.end(), [&](const Record& record) {
    return record.is_row && options.shards.Contains(record.shard);
  });
  EXPECT_GT(inside, 0);
  EXPECT_EQ(store->stats().rows, inside);
}

}  // namespace
}  // namespace primacy
