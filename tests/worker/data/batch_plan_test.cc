#include "worker/data/batch_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace primacy {
namespace {

constexpr BatchSlice kWhole{0, 1};

const std::vector<uint32_t> kBlocks = {10, 3, 25, 7, 7, 40, 1, 12};  // 105 rows

PlanOptions Options(uint32_t batch_rows, uint32_t window_rows) {
  PlanOptions options;
  options.seed = 5;
  options.batch_rows = batch_rows;
  options.window_rows = window_rows;
  return options;
}

std::vector<RowRef> RowsOfPass(BatchPlan& plan, int64_t pass) {
  std::vector<RowRef> rows;
  for (Step t = 0; t < plan.steps_per_pass(); ++t) {
    const StepRows step = plan.RowsOf(pass * plan.steps_per_pass() + t, kWhole);
    rows.insert(rows.end(), step.rows.begin(), step.rows.end());
  }
  return rows;
}

// Values from an independent program that follows batch_plan.h's description: a job resumed by
// another version must read the same rows.
TEST(BatchPlanTest, KnownSequence) {
  PlanOptions options;
  options.seed = 11;
  options.stage = 2;
  options.batch_rows = 4;
  options.window_rows = 5;
  BatchPlan plan({3, 2, 4, 1}, options);
  EXPECT_EQ(plan.BlocksOf({1, 0}), (std::vector<uint32_t>{0, 3}));
  const std::vector<RowRef> expected = {{0, 2}, {0, 1}, {3, 0}, {0, 0}, {2, 3},
                                        {2, 2}, {2, 0}, {2, 1}, {1, 0}, {1, 1}};
  EXPECT_EQ(RowsOfPass(plan, 1), expected);
}

TEST(BatchPlanTest, APassIsEveryRowOnce) {
  for (const uint32_t window : {1u, 20u, 50u, 1000u}) {
    for (const uint32_t batch : {1u, 8u, 50u, 105u, 500u}) {
      BatchPlan plan(kBlocks, Options(batch, window));
      for (const int64_t pass : {0, 1, 6}) {
        std::vector<RowRef> rows = RowsOfPass(plan, pass);
        ASSERT_EQ(rows.size(), 105u);
        std::sort(rows.begin(), rows.end());
        EXPECT_EQ(std::unique(rows.begin(), rows.end()), rows.end());
        for (const RowRef& row : rows) EXPECT_LT(row.row, kBlocks[row.block]);
      }
    }
  }
}

TEST(BatchPlanTest, StepsAndTheSmallerLastBatch) {
  BatchPlan plan(kBlocks, Options(25, 30));
  EXPECT_EQ(plan.rows(), 105u);
  EXPECT_EQ(plan.steps_per_pass(), 5);
  EXPECT_EQ(plan.RowsOf(3, kWhole).rows.size(), 25u);
  EXPECT_EQ(plan.RowsOf(4, kWhole).rows.size(), 5u);
  EXPECT_EQ(plan.RowsOf(5, kWhole).rows.size(), 25u);
  EXPECT_EQ(plan.RowsOf(7, kWhole).first_sequence, 7u * 25);
  EXPECT_EQ(BatchPlan({50}, Options(25, 30)).steps_per_pass(), 2);
}

TEST(BatchPlanTest, AStepDependsOnItsNumberAlone) {
  BatchPlan in_order(kBlocks, Options(8, 20));
  std::vector<std::vector<RowRef>> steps;
  for (Step t = 0; t < 60; ++t) steps.push_back(in_order.RowsOf(t, kWhole).rows);
  BatchPlan mixed(kBlocks, Options(8, 20));
  for (Step i = 0; i < 60; ++i) {
    const Step t = i * 37 % 60;
    EXPECT_EQ(mixed.RowsOf(t, kWhole).rows, steps[t]) << t;
  }
  BatchPlan resumed(kBlocks, Options(8, 20));
  EXPECT_EQ(resumed.RowsOf(41, kWhole).rows, steps[41]);
}

TEST(BatchPlanTest, SeedStageAndPassEachChangeTheOrder) {
  PlanOptions options = Options(105, 1000);
  BatchPlan plan(kBlocks, options);
  std::set<std::vector<RowRef>> orders = {RowsOfPass(plan, 0), RowsOfPass(plan, 1)};
  options.stage = 1;
  BatchPlan other_stage(kBlocks, options);
  orders.insert(RowsOfPass(other_stage, 0));
  options.stage = 0;
  options.seed = 6;
  BatchPlan other_seed(kBlocks, options);
  orders.insert(RowsOfPass(other_seed, 0));
  EXPECT_EQ(orders.size(), 4u);
}

TEST(BatchPlanTest, SlicesOfAllWorkersAreTheBatch) {
  for (const int workers : {1, 2, 3, 7, 30}) {
    BatchPlan plan(kBlocks, Options(25, 30));
    for (const Step step : {0, 3, 4, 9}) {
      const StepRows whole = plan.RowsOf(step, kWhole);
      std::vector<RowRef> joined;
      for (int rank = 0; rank < workers; ++rank) {
        const StepRows slice = plan.RowsOf(step, {rank, workers});
        EXPECT_EQ(slice.first_sequence, whole.first_sequence + joined.size());
        EXPECT_EQ(slice.rows.size(),
                  whole.rows.size() * (rank + 1) / workers - whole.rows.size() * rank / workers);
        joined.insert(joined.end(), slice.rows.begin(), slice.rows.end());
      }
      EXPECT_EQ(joined, whole.rows);
    }
  }
}

TEST(BatchPlanTest, WindowsHoldTheRowsOfTheirBlocks) {
  BatchPlan plan(kBlocks, Options(8, 20));
  std::vector<WindowId> walked;
  WindowId window{0, 0};
  size_t position = 0;
  const std::vector<RowRef> rows = RowsOfPass(plan, 0);
  for (; window.pass == 0; window = plan.WindowAfter(window)) {
    const std::vector<uint32_t> blocks = plan.BlocksOf(window);
    size_t size = 0;
    for (const uint32_t block : blocks) size += kBlocks[block];
    EXPECT_TRUE(size <= 20 || blocks.size() == 1);
    for (size_t i = position; i < position + size; ++i) {
      EXPECT_TRUE(std::find(blocks.begin(), blocks.end(), rows[i].block) != blocks.end());
      const std::vector<WindowId> of_step = plan.WindowsOf(static_cast<Step>(i / 8));
      EXPECT_TRUE(std::find(of_step.begin(), of_step.end(), window) != of_step.end());
    }
    position += size;
    walked.push_back(window);
  }
  EXPECT_EQ(position, 105u);
  EXPECT_EQ(window, (WindowId{1, 0}));
  // A batch may span many windows: these are all of the pass.
  BatchPlan wide(kBlocks, Options(105, 20));
  EXPECT_EQ(wide.WindowsOf(0), walked);
  EXPECT_DOUBLE_EQ(wide.ProgressOf(0), 1.0);
}

TEST(BatchPlanTest, ProgressIsTheUsedShareOfTheWindow) {
  BatchPlan plan({40}, Options(10, 100));
  EXPECT_DOUBLE_EQ(plan.ProgressOf(0), 0.25);
  EXPECT_DOUBLE_EQ(plan.ProgressOf(3), 1.0);
  EXPECT_DOUBLE_EQ(plan.ProgressOf(5), 0.5);
}

// Each position of a window gets each row about equally often: 1,200 orders of 6 rows, expected
// count 200, five standard deviations.
TEST(BatchPlanTest, RowsAreSpreadEvenly) {
  BatchPlan plan({6}, Options(6, 100));
  std::vector<std::vector<int>> counts(6, std::vector<int>(6));
  for (Step pass = 0; pass < 1200; ++pass) {
    const std::vector<RowRef> rows = plan.RowsOf(pass, kWhole).rows;
    for (size_t i = 0; i < 6; ++i) ++counts[i][rows[i].row];
  }
  for (const auto& row : counts) {
    for (const int count : row) EXPECT_NEAR(count, 200, 65);
  }
}

TEST(BatchPlanTest, OptionsComeFromTheJob) {
  Job job;
  job.mutable_training()->set_seed(9);
  job.mutable_training()->set_batch_rows(64);
  job.mutable_data()->set_shuffle_window_rows(1000);
  const PlanOptions options = MakePlanOptions(job, 3);
  EXPECT_EQ(options.seed, 9u);
  EXPECT_EQ(options.stage, 3);
  EXPECT_EQ(options.batch_rows, 64u);
  EXPECT_EQ(options.window_rows, 1000u);
}

}  // namespace
}  // namespace primacy
