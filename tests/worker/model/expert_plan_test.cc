#include "worker/model/expert_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace primacy {
namespace {

using testing::ElementsAre;

const std::vector<InputTask> kTasks = {{.name = "a"}, {.name = "b"}};

Architecture Of(ModelConfig::Kind kind, int levels = 1) {
  Architecture architecture;
  architecture.kind = kind;
  architecture.shared_experts = 2;
  architecture.task_experts = 1;
  architecture.levels = levels;
  return architecture;
}

std::vector<int> Owners(const auto& nodes) {
  std::vector<int> owners;
  for (const auto& node : nodes) owners.push_back(node.owner);
  return owners;
}

TEST(ExpertPlan, SharedBottomHasNoLevels) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::SHARED_BOTTOM), kTasks);
  EXPECT_TRUE(plan.levels.empty());
  EXPECT_THAT(plan.tower_input, ElementsAre(0, 0));
}

TEST(ExpertPlan, OneGateForAllTasks) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::OMOE), kTasks);
  ASSERT_EQ(plan.levels.size(), 1u);
  ASSERT_EQ(plan.levels[0].gates.size(), 1u);
  EXPECT_THAT(plan.levels[0].gates[0].experts, ElementsAre(0, 1));
  EXPECT_EQ(plan.levels[0].gates[0].owner, -1);
  EXPECT_THAT(plan.tower_input, ElementsAre(0, 0));
}

TEST(ExpertPlan, AGatePerTask) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::MMOE), kTasks);
  EXPECT_THAT(Owners(plan.levels[0].experts), ElementsAre(-1, -1));
  EXPECT_THAT(Owners(plan.levels[0].gates), ElementsAre(0, 1));
  EXPECT_EQ(plan.levels[0].gates[1].name, "gate/b");
  EXPECT_THAT(plan.tower_input, ElementsAre(0, 1));
}

// Three levels: a task's own parts are its own only from where no shared gate lies above them.
TEST(ExpertPlan, ProgressiveLayersAndTheirOwners) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::PLE, 3), kTasks);
  ASSERT_EQ(plan.levels.size(), 3u);
  // Experts: a, b, shared, shared. Gates: a, b and, below the last level, shared.
  EXPECT_THAT(Owners(plan.levels[0].experts), ElementsAre(-1, -1, -1, -1));
  EXPECT_THAT(Owners(plan.levels[0].gates), ElementsAre(-1, -1, -1));
  EXPECT_THAT(Owners(plan.levels[1].experts), ElementsAre(-1, -1, -1, -1));
  EXPECT_THAT(Owners(plan.levels[1].gates), ElementsAre(0, 1, -1));
  EXPECT_THAT(Owners(plan.levels[2].experts), ElementsAre(0, 1, -1, -1));
  EXPECT_THAT(Owners(plan.levels[2].gates), ElementsAre(0, 1));

  const LevelPlan& middle = plan.levels[1];
  EXPECT_EQ(middle.experts[1].name, "level/1/expert/b/0");
  EXPECT_EQ(middle.experts[3].name, "level/1/shared_expert/1");
  EXPECT_EQ(middle.experts[1].input, 1);
  EXPECT_EQ(middle.experts[3].input, 2);
  EXPECT_THAT(middle.gates[1].experts, ElementsAre(1, 2, 3));
  EXPECT_EQ(middle.gates[1].input, 1);
  EXPECT_THAT(middle.gates[2].experts, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(middle.gates[2].input, 2);
  EXPECT_EQ(middle.gates[2].name, "level/1/shared_gate");
  for (const ExpertNode& expert : plan.levels[0].experts) EXPECT_EQ(expert.input, 0);
}

TEST(RouteTasks, OneTaskOfTwoLevels) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::PLE, 2), kTasks);
  const std::vector<LevelRoute> route = RouteTasks(plan, {true, false});
  EXPECT_THAT(route[1].gates, ElementsAre(true, false));
  EXPECT_THAT(route[1].experts, ElementsAre(true, false, true, true));
  // The shared experts above read the shared stream, which mixes all experts below, but not the
  // other task's gate.
  EXPECT_THAT(route[0].gates, ElementsAre(true, false, true));
  EXPECT_THAT(route[0].experts, ElementsAre(true, true, true, true));
  const std::vector<LevelRoute> none = RouteTasks(plan, {false, false});
  EXPECT_THAT(none[0].experts, ElementsAre(false, false, false, false));
  EXPECT_THAT(none[1].gates, ElementsAre(false, false));
}

TEST(ExpertPlan, AJobOfOneTaskOwnsEverything) {
  const ExpertPlan plan = MakeExpertPlan(Of(ModelConfig::MMOE), {{.name = "only"}});
  EXPECT_THAT(Owners(plan.levels[0].experts), ElementsAre(0, 0));
}

}  // namespace
}  // namespace primacy
