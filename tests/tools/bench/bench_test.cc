#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "common/config/job_config.h"
#include "tests/support/result_matchers.h"
#include "tests/tools/bench/small_step.h"
#include "tools/bench/checkpoint_bench.h"
#include "tools/bench/step_bench.h"
#include "tools/bench/step_work.h"
#include "tools/bench/table_bench.h"
#include "tools/bench/table_work.h"

namespace primacy {
namespace {

using testing_support::SmallStep;

TEST(ZipfRanks, InvertsTheDistribution) {
  // 1, 1/2 and 1/3 of 11/6: shares 6/11, 3/11, 2/11.
  const bench::ZipfRanks ranks(3, 1.0);
  EXPECT_EQ(ranks.At(0), 0u);
  EXPECT_EQ(ranks.At(0.545), 0u);
  EXPECT_EQ(ranks.At(0.546), 1u);
  EXPECT_EQ(ranks.At(0.818), 1u);
  EXPECT_EQ(ranks.At(0.819), 2u);
  EXPECT_EQ(ranks.At(0.9999999), 2u);
}

TEST(StepRows, HoldWhatTheWorkSays) {
  const StepBenchOptions options = SmallStep();
  const bench::StepRows source(options);
  const LogBlock block = source.Block(0, 20'000);
  ASSERT_OK(CheckBlock(bench::StepSchema(options), block));
  ASSERT_EQ(block.slots.size(), 4u);
  EXPECT_EQ(block.slots[0].keys.size(), 20'000u);
  EXPECT_EQ(block.slots[3].keys.size(), 200'000u);
  std::set<uint64_t> most_frequent;
  for (const SlotColumn& slot : block.slots) {
    std::map<uint64_t, int> counts;
    for (const uint64_t id : slot.keys) ++counts[id];
    EXPECT_LT(counts.rbegin()->first, options.table_rows);
    const auto top = std::max_element(counts.begin(), counts.end(),
                                      [](auto& a, auto& b) { return a.second < b.second; });
    most_frequent.insert(top->first);
    // 1 / Σ k^-1.05 over 1,000 ranks is 0.152.
    EXPECT_NEAR(top->second / static_cast<double>(slot.keys.size()), 0.152, 0.01);
  }
  EXPECT_EQ(most_frequent.size(), 4u) << "slots share their popular ids";
  double ones[bench::kTasks] = {};
  for (size_t i = 0; i < block.labels.size(); ++i) ones[i % bench::kTasks] += block.labels[i];
  EXPECT_NEAR(ones[0] / 20'000, 0.2, 0.01);
  EXPECT_NEAR(ones[1] / 20'000, 0.05, 0.006);
  EXPECT_NEAR(ones[2] / 20'000, 0.01, 0.003);
}

TEST(StepRows, DependOnTheirNumberAlone) {
  const bench::StepRows source(SmallStep());
  const LogBlock whole = source.Block(0, 10);
  const LogBlock tail = source.Block(4, 6);
  for (uint32_t r = 0; r < 6; ++r) EXPECT_EQ(tail.slots[1].keys[r], whole.slots[1].keys[r + 4]);
}

TEST(StepJob, IsAJobThatTrainWouldTake) {
  for (const ModelConfig::Kind model : {ModelConfig::SHARED_BOTTOM, ModelConfig::MMOE}) {
    StepBenchOptions options = SmallStep();
    options.model = model;
    Job job = bench::StepJob(options);
    job.mutable_data()->set_log("somewhere");
    EXPECT_OK(ValidateJob(job));
  }
}

TEST(StepBench, MeasuresInProcess) {
  for (const ModelConfig::Kind model : {ModelConfig::SHARED_BOTTOM, ModelConfig::MMOE}) {
    StepBenchOptions options = SmallStep();
    options.model = model;
    const Result<BenchRecord> record = StepBenchInProcess(options);
    ASSERT_OK(record);
    EXPECT_GT(NumberOf(*record, "rows_per_s_min"), 0);
    EXPECT_LE(NumberOf(*record, "rows_per_s_min"), NumberOf(*record, "rows_per_s"));
    EXPECT_LE(NumberOf(*record, "rows_per_s"), NumberOf(*record, "rows_per_s_max"));
    EXPECT_EQ(NumberOf(*record, "keys"), 64 * 13);
    EXPECT_GT(NumberOf(*record, "unique_keys"), 100);
    EXPECT_LT(NumberOf(*record, "unique_keys"), 64 * 13);
    // The parts are the step but for a little.
    const double step = 1000 * 64 / NumberOf(*record, "rows_per_s");
    double parts = 0;
    for (const char* name : {"ms_dedup", "ms_gather", "ms_forward", "ms_backward", "ms_apply"}) {
      parts += NumberOf(*record, name);
    }
    EXPECT_LE(parts, step * 1.01);
  }
}

TEST(StepBench, ComparesWithTheRoofline) {
  const Result<BenchRecord> record = StepBenchInProcess(SmallStep());
  ASSERT_OK(record);
  double roofline = 0;
  for (const char* part : {"ms_roofline_products", "ms_roofline_rows", "ms_roofline_bytes"}) {
    EXPECT_GT(NumberOf(*record, part), 0);
    roofline += NumberOf(*record, part);
  }
  // The share is that of one run's median step; rows_per_s are of means, which lie near it.
  const double step = roofline / NumberOf(*record, "roofline_share");
  EXPECT_GE(step, 0.2 * 1000 * 64 / NumberOf(*record, "rows_per_s_max"));
  EXPECT_LE(step, 2.0 * 1000 * 64 / NumberOf(*record, "rows_per_s_min"));
  EXPECT_LE(NumberOf(*record, "roofline_share_min"), NumberOf(*record, "roofline_share"));
  EXPECT_LE(NumberOf(*record, "roofline_share"), NumberOf(*record, "roofline_share_max"));
}

TEST(StepBench, LeavesTheRooflineOut) {
  StepBenchOptions options = SmallStep();
  options.roofline = false;
  const Result<BenchRecord> record = StepBenchInProcess(options);
  ASSERT_OK(record);
  for (const auto& [name, value] : record->numbers) EXPECT_NE(name, "roofline_share") << value;
}

TEST(StepBench, MeasuresAWholeJob) {
  StepBenchOptions options = SmallStep();
  options.runs = 2;
  const Result<std::unique_ptr<StepLog>> log = StepLog::Write(options, 1000);
  ASSERT_OK(log);
  for (const int processes : {1, 2}) {  // of the same log
    StepJobOptions job;
    job.servers = job.workers = processes;
    const Result<BenchRecord> record = StepBenchAsJob(options, job, **log);
    ASSERT_OK(record);
    EXPECT_EQ(NumberOf(*record, "workers"), processes);
    EXPECT_GT(NumberOf(*record, "rows_per_s_min"), 0);
    EXPECT_LE(NumberOf(*record, "rows_per_s_min"), NumberOf(*record, "rows_per_s_max"));
    EXPECT_GT(NumberOf(*record, "bytes_per_row"), 0);
    EXPECT_GT(NumberOf(*record, "ms_forward"), 0);
    EXPECT_GT(NumberOf(*record, "ms_server_apply"), 0);
  }
}

TEST(StepBench, PassesFieldsOfTheJobOn) {
  StepBenchOptions options = SmallStep();
  options.runs = 1;
  const Result<std::unique_ptr<StepLog>> log = StepLog::Write(options, 1000);
  ASSERT_OK(log);
  StepJobOptions job;
  job.overrides = {"runtime.consistency=SSP"};
  const Result<BenchRecord> record = StepBenchAsJob(options, job, **log);
  ASSERT_OK(record);
  const auto& labels = record->labels;
  EXPECT_NE(std::find(labels.begin(), labels.end(),
                      std::pair<std::string, std::string>("consistency", "SSP")),
            labels.end());
  job.overrides = {"runtime.consistency=SOMETIMES"};
  EXPECT_FALSE(StepBenchAsJob(options, job, **log).ok());
}

TEST(StepLog, LeavesNothingBehind) {
  std::string path;
  {
    const Result<std::unique_ptr<StepLog>> log = StepLog::Write(SmallStep(), 100);
    ASSERT_OK(log);
    path = (*log)->path();
    EXPECT_TRUE(std::filesystem::exists(path + "/train"));
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
}

TEST(StepBench, RefusesWhatItCannotDo) {
  const auto refused = [](auto change) {
    StepBenchOptions options = SmallStep();
    change(options);
    const Status status = CheckStepBenchOptions(options);
    return !status.ok() && status.error().kind() == ErrorKind::kUsage;
  };
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.model = ModelConfig::PLE; }));
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.batch = 0; }));
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.runs = 0; }));
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.seconds = 0; }));
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.table_rows = 0; }));
  EXPECT_TRUE(refused([](StepBenchOptions& o) { o.compute = FP16; }));
  EXPECT_FALSE(refused([](StepBenchOptions&) {}));
  EXPECT_FALSE(StepLog::Write(SmallStep(), 63).ok());
}

TEST(TableBench, CountsRowsAndMemory) {
  TableBenchOptions options{.keys = 5000, .dim = 4, .batch_keys = 1000, .runs = 3, .seconds = 0.01};
  const Result<BenchRecord> record = TableBench(options);
  ASSERT_OK(record);
  for (const std::string name : {"gathered_per_s", "updated_per_s", "gathered_and_updated_per_s"}) {
    EXPECT_GT(NumberOf(*record, name + "_min"), 0);
    EXPECT_LE(NumberOf(*record, name + "_min"), NumberOf(*record, name));
    EXPECT_LE(NumberOf(*record, name), NumberOf(*record, name + "_max"));
  }
  // 4 weights, 4 accumulators and a key.
  EXPECT_GE(NumberOf(*record, "bytes_per_row"), 40);
  EXPECT_NEAR(NumberOf(*record, "memory_ratio"), NumberOf(*record, "bytes_per_row") / 40, 1e-9);
  EXPECT_LE(NumberOf(*record, "ms_growing_update"), NumberOf(*record, "ms_growing_update_max"));
  EXPECT_FALSE(TableBench({.keys = 0}).ok());
}

TEST(TableWork, DrawsUniqueKeysOfTheTable) {
  const Result<bench::Filled> filled = bench::FillTable(500, 4, 128);
  ASSERT_OK(filled);
  EXPECT_EQ(filled->store->stats().rows, 500);
  EXPECT_EQ(filled->seconds.size(), 4u);
  const std::vector<Key> keys = bench::UniformKeys(1, 5000, 500);
  EXPECT_EQ(keys.size(), 500u) << "ten draws a key leave out one in 22,000";
  RowPlaces places;
  std::vector<float> rows(keys.size() * 4);
  filled->store->Locate(0, keys, places);
  filled->store->BeginUpdate();
  filled->store->Accumulate(0, keys, places, rows.data());
  ASSERT_OK(filled->store->Apply({}));
  EXPECT_EQ(filled->store->stats().rows, 500) << "keys that were not filled in";
}

TEST(CheckpointBench, WritesAndLoads) {
  const Result<BenchRecord> record = CheckpointBench({.keys = 5000, .dim = 4, .runs = 2});
  ASSERT_OK(record);
  // 8 floats, a key and two counters a row, and little else.
  EXPECT_GE(NumberOf(*record, "mb"), 5000 * 48 / 1e6);
  EXPECT_LE(NumberOf(*record, "mb"), 5000 * 48 / 1e6 + 2);
  EXPECT_GE(NumberOf(*record, "write_mb_per_s"), NumberOf(*record, "write_synced_mb_per_s"));
  EXPECT_GT(NumberOf(*record, "load_mb_per_s"), 0);
  EXPECT_GE(NumberOf(*record, "pause_ms_per_gb"), NumberOf(*record, "pause_ms_per_gb_median"));
  EXPECT_GT(NumberOf(*record, "pause_ms_per_gb_median"), 0);
  // The pause is part of the save.
  EXPECT_LT(NumberOf(*record, "pause_ms_per_gb_median"),
            1e6 / NumberOf(*record, "saved_mb_per_s_while_training"));
  EXPECT_LT(NumberOf(*record, "added_ms_per_save"),
            1e3 * NumberOf(*record, "mb") / NumberOf(*record, "saved_mb_per_s_while_training"));
  EXPECT_FALSE(CheckpointBench({.runs = 0}).ok());
}

TEST(BenchRecord, IsOneLine) {
  const BenchRecord record{
      "step", {{"model", "mmoe"}}, {{"rows_per_s", 12345}, {"ms_apply", 0.25}}};
  EXPECT_EQ(BenchJson(record),
            R"({"name":"step","model":"mmoe","rows_per_s":12345,"ms_apply":0.25})");
  EXPECT_EQ(BenchText(record), "step mmoe: rows_per_s 12,345 ms_apply 0.25");
}

}  // namespace
}  // namespace primacy
