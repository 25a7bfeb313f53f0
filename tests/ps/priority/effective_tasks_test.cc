#include "ps/priority/effective_tasks.h"

#include <gtest/gtest.h>

#include <vector>

namespace primacy {
namespace {

double Effective(const std::vector<double>& weights) { return EffectiveTasks(weights); }

Job ThreeTasks() {
  Job job;
  for (const char* name : {"first", "second", "third"}) {
    TaskConfig& task = *job.add_task();
    task.set_name(name);
    task.set_tier(job.task_size());
  }
  return job;
}

TEST(EffectiveTasksTest, CountsTasksByTheirWeights) {
  EXPECT_EQ(Effective({1}), 1);
  EXPECT_EQ(Effective({0, 1, 0}), 1);
  EXPECT_EQ(Effective({0.25, 0.25, 0.25, 0.25}), 4);
  EXPECT_NEAR(Effective({4, 2, 1}), 49.0 / 21, 1e-12);
  EXPECT_NEAR(Effective({256, 16, 1}), 74529.0 / 65793, 1e-12);
  EXPECT_NEAR(Effective({0.4, 0.2, 0.1}), Effective({4, 2, 1}), 1e-12) << "of any scale";
}

TEST(EffectiveTasksTest, AStageCountsTheWeightsItBeginsWith) {
  Job job = ThreeTasks();
  const std::vector<Stage> stages = MakeStages(job);
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(TableRate(job, stages[0], 3), 1);
  EXPECT_NEAR(TableRate(job, stages[1], 3), 16.0 / 10, 1e-12) << "3 : 1";
  EXPECT_NEAR(TableRate(job, stages[2], 3), 36.0 / 14, 1e-12) << "3 : 2 : 1";
  EXPECT_NEAR(TableRate(job, stages[2], 1), 3, 1e-12);
}

TEST(EffectiveTasksTest, WeightsThatAMethodFindsBeginEqual) {
  Job job = ThreeTasks();
  job.mutable_priority()->set_method(PriorityConfig::DWA);
  EXPECT_NEAR(TableRate(job, MakeStages(job)[0], 3), 3, 1e-12);
  job.mutable_priority()->set_method(PriorityConfig::WEIGHTED);
  for (double weight : {16, 4, 1}) job.mutable_priority()->add_weight(weight);
  EXPECT_NEAR(TableRate(job, MakeStages(job)[0], 3), 441.0 / 273, 1e-12);
  job.mutable_training()->set_rate_by_tasks(false);
  EXPECT_EQ(TableRate(job, MakeStages(job)[0], 3), 1);
}

}  // namespace
}  // namespace primacy
