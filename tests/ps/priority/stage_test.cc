#include "ps/priority/stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/job_config.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Job JobOf(const std::string& text) {
  Result<Job> job = ParseJob(text + " data { log: \"/log\" }", "test");
  CHECK(job.ok()) << job.error().trace();
  const Status valid = ValidateJob(*job);
  CHECK(valid.ok()) << valid.error().trace();
  return FillDefaults(*job);
}

TEST(StageTest, EveryTaskIsATierOfItsOwnUnlessTheJobSaysOtherwise) {
  const std::vector<Stage> stages =
      MakeStages(JobOf("task { name: 'a' } task { name: 'b' } task { name: 'c' }"));
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].name, "a");
  EXPECT_THAT(stages[0].objectives, ElementsAre(0));
  EXPECT_THAT(stages[0].weights, ElementsAre(1.0));
  EXPECT_THAT(stages[0].constraints, IsEmpty());
  EXPECT_EQ(stages[2].name, "c");
  EXPECT_THAT(stages[2].objectives, ElementsAre(2));
  EXPECT_THAT(stages[2].constraints, ElementsAre(0, 1));
  EXPECT_EQ(stages[2].active_tasks(), 0b111u);
  EXPECT_EQ(stages[2].objective_tasks(), 0b100u);
  EXPECT_EQ(stages[0].active_tasks(), 0b001u);
}

TEST(StageTest, TasksOfATierShareItsStageInEqualParts) {
  const std::vector<Stage> stages =
      MakeStages(JobOf("task { name: 'a' tier: 1 } task { name: 'b' tier: 2 } task { name: 'c' "
                       "tier: 2 } task { name: 'd' tier: 7 }"));
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_THAT(stages[0].objectives, ElementsAre(0));
  EXPECT_EQ(stages[1].name, "b+c");
  EXPECT_THAT(stages[1].objectives, ElementsAre(1, 2));
  EXPECT_THAT(stages[1].weights, ElementsAre(0.5, 0.5));
  EXPECT_THAT(stages[1].constraints, ElementsAre(0));
  EXPECT_THAT(stages[2].objectives, ElementsAre(3));
  EXPECT_THAT(stages[2].constraints, ElementsAre(0, 1, 2));
  EXPECT_EQ(stages[2].active_tasks(), 0b1111u);
}

TEST(StageTest, SingleIsOneStageOfOneTask) {
  const std::vector<Stage> stages = MakeStages(
      JobOf("task { name: 'a' } task { name: 'b' } priority { method: SINGLE single_task: 'b' }"));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_THAT(stages[0].objectives, ElementsAre(1));
  EXPECT_THAT(stages[0].constraints, IsEmpty());
  EXPECT_EQ(stages[0].active_tasks(), 0b10u);
}

TEST(StageTest, WeightsAreScaledToOneAndZeroesLeaveTheStage) {
  const std::vector<Stage> stages =
      MakeStages(JobOf("task { name: 'a' } task { name: 'b' } task { name: 'c' } priority { "
                       "method: WEIGHTED weight: [3, 0, 1] }"));
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].name, "a+c");
  EXPECT_THAT(stages[0].objectives, ElementsAre(0, 2));
  EXPECT_THAT(stages[0].weights, ElementsAre(0.75, 0.25));
  EXPECT_THAT(stages[0].constraints, IsEmpty());
  EXPECT_EQ(stages[0].active_tasks(), 0b101u);
}

}  // namespace
}  // namespace primacy
