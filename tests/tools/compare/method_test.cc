#include "tools/compare/method.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Job ThreeTasks() {
  Job job;
  for (const char* name : {"like", "view", "click"}) job.add_task()->set_name(name);
  job.mutable_priority()->set_lambda_rate(0.25);
  job.mutable_priority()->set_single_task("view");
  return job;
}

std::string ErrorOf(const std::string& text) {
  const auto methods = ParseMethods(text, ThreeTasks());
  if (methods.ok()) return "";
  EXPECT_EQ(methods.error().kind(), ErrorKind::kUsage);
  return methods.error().message();
}

TEST(MethodTest, Nmt) {
  const auto method = ParseMethod("nmt", ThreeTasks());
  ASSERT_OK(method);
  EXPECT_EQ(method->kind, Method::Kind::kNmt);
  ASSERT_EQ(method->trainings.size(), 1u);
  EXPECT_EQ(method->trainings[0].folder, "nmt");
  EXPECT_EQ(method->trainings[0].priority.method(), PriorityConfig::NMT);
  EXPECT_EQ(method->trainings[0].priority.lambda_rate(), 0.25);
  EXPECT_FALSE(method->trainings[0].priority.has_single_task());
}

TEST(MethodTest, SingleIsOneTrainingPerTask) {
  const auto method = ParseMethod("single", ThreeTasks());
  ASSERT_OK(method);
  ASSERT_EQ(method->trainings.size(), 3u);
  const char* names[] = {"like", "view", "click"};
  for (int t = 0; t < 3; ++t) {
    EXPECT_EQ(method->trainings[t].folder, std::string("single_") + names[t]);
    EXPECT_EQ(method->trainings[t].priority.method(), PriorityConfig::SINGLE);
    EXPECT_EQ(method->trainings[t].priority.single_task(), names[t]);
  }
}

TEST(MethodTest, OtherMethodsAreNamedAsInTheJob) {
  const auto method = ParseMethod("nash_mtl", ThreeTasks());
  ASSERT_OK(method);
  EXPECT_EQ(method->kind, Method::Kind::kRival);
  EXPECT_EQ(method->name, "nash_mtl");
  EXPECT_EQ(method->trainings[0].folder, "nash_mtl");
  EXPECT_EQ(method->trainings[0].priority.method(), PriorityConfig::NASH_MTL);
  for (const char* text : {"weighted", "NASH_MTL", "nash"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr(text));
  }
}

TEST(MethodTest, FoldersStayInsideTheRunDirectory) {
  Job job;
  job.add_task()->set_name("../like it");
  const auto method = ParseMethod("single", job);
  ASSERT_OK(method);
  EXPECT_EQ(method->trainings[0].folder, "single____like_it");
  EXPECT_EQ(method->trainings[0].priority.single_task(), "../like it");
}

TEST(MethodTest, WeightedTakesOneWeightPerTask) {
  const auto method = ParseMethod("weighted:4:0.5:0", ThreeTasks());
  ASSERT_OK(method);
  EXPECT_EQ(method->name, "weighted 4:0.5:0");
  EXPECT_EQ(method->trainings[0].folder, "weighted_4_0.5_0");
  EXPECT_EQ(method->trainings[0].priority.method(), PriorityConfig::WEIGHTED);
  EXPECT_THAT(method->trainings[0].priority.weight(), ElementsAre(4, 0.5, 0));
}

TEST(MethodTest, WeightsThatDifferLittleHaveFoldersOfTheirOwn) {
  const auto a = ParseMethod("weighted:0.1234567:1:1", ThreeTasks());
  const auto b = ParseMethod("weighted:0.1234568:1:1", ThreeTasks());
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_NE(a->trainings[0].folder, b->trainings[0].folder);
}

TEST(MethodTest, RatioIsOfNeighbours) {
  const auto method = ParseMethod("ratio:4", ThreeTasks());
  ASSERT_OK(method);
  EXPECT_THAT(method->trainings[0].priority.weight(), ElementsAre(16, 4, 1));
  EXPECT_EQ(method->name, "weighted 16:4:1");
}

TEST(MethodTest, SingleComesFirstAndNmtLast) {
  const auto methods = ParseMethods(" nmt, ratio:2 ,ratio:1,single", ThreeTasks());
  ASSERT_OK(methods);
  std::vector<std::string> names;
  for (const Method& method : *methods) names.push_back(method.name);
  EXPECT_THAT(names, ElementsAre("each task alone", "weighted 4:2:1", "weighted 1:1:1", "NMT"));
}

std::vector<std::string> NamesOf(const std::string& text, const Job& job) {
  const auto methods = ParseMethods(text, job);
  CHECK(methods.ok()) << methods.error().trace();
  std::vector<std::string> names;
  for (const Method& method : *methods) names.push_back(method.name);
  return names;
}

Job JobOf(int tasks) {
  Job job;
  for (int i = 0; i < tasks; ++i) job.add_task()->set_name("task" + std::to_string(i));
  return job;
}

TEST(MethodTest, TheGridHasEveryPairOfRatios) {
  EXPECT_THAT(NamesOf("grid", JobOf(2)), ElementsAre("weighted 1:1", "weighted 2:1", "weighted 4:1",
                                                     "weighted 8:1", "weighted 16:1"));
  const std::vector<std::string> three = NamesOf("grid", JobOf(3));
  EXPECT_EQ(std::set<std::string>(three.begin(), three.end()).size(), 25u);
  // First over second, and second over third, each 1 to 16.
  for (const char* name : {"weighted 1:1:1", "weighted 16:1:1", "weighted 16:16:1",
                           "weighted 256:16:1", "weighted 8:4:1"}) {
    EXPECT_THAT(three, testing::Contains(name));
  }
  EXPECT_EQ(NamesOf("grid", JobOf(4)).size(), 125u);
  EXPECT_THAT(NamesOf("grid", JobOf(1)), ElementsAre("weighted 1"));
  const auto six = ParseMethods("grid", JobOf(6));
  ASSERT_FALSE(six.ok());
  EXPECT_THAT(six.error().message(), HasSubstr("the grid of 6 tasks has more than 625"));
}

TEST(MethodTest, GroupsCountOnceWhatElseIsNamed) {
  EXPECT_THAT(NamesOf("nmt,ratio:2,diagonal", JobOf(2)),
              ElementsAre("weighted 2:1", "weighted 1:1", "weighted 4:1", "weighted 8:1",
                          "weighted 16:1", "NMT"));
  EXPECT_EQ(NamesOf("all,grid,nmt", JobOf(2)), NamesOf("all", JobOf(2)));
  EXPECT_EQ(NamesOf("all,grid", JobOf(3)).size(), 1u + 25 + 12 + 1);
}

TEST(MethodTest, AllHasEveryMethodOfTheJobFile) {
  const std::vector<std::string> names = NamesOf("all", ThreeTasks());
  EXPECT_EQ(names.front(), "each task alone");
  EXPECT_EQ(names.back(), "NMT");
  // Of which SINGLE, WEIGHTED and NMT have lines of their own.
  const int values = PriorityConfig::Method_descriptor()->value_count();
  EXPECT_EQ(NamesOf("rivals", ThreeTasks()).size(), static_cast<size_t>(values) - 3);
  EXPECT_EQ(names.size(), static_cast<size_t>(values) - 3 + 5 + 2);
  for (const char* name : {"pcgrad", "imtl_g", "weighted 256:16:1"}) {
    EXPECT_THAT(names, testing::Contains(name));
  }
}

TEST(MethodTest, Mistakes) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("--methods: \"\" is none of"));
  EXPECT_THAT(ErrorOf("nmt,"), HasSubstr("is none of"));
  EXPECT_THAT(ErrorOf("nmt,pcgradd"), HasSubstr("\"pcgradd\""));
  EXPECT_THAT(ErrorOf("weighted:1:2"), HasSubstr("weighted:1:2 has 2 weights for 3 tasks"));
  EXPECT_THAT(ErrorOf("weighted"), HasSubstr("has 0 weights for 3 tasks"));
  EXPECT_THAT(ErrorOf("weighted:0:0:0"), HasSubstr("no weight above 0"));
  EXPECT_THAT(ErrorOf("weighted:1:-2:1"), HasSubstr("\"-2\" in weighted:1:-2:1"));
  EXPECT_THAT(ErrorOf("weighted:1:nan:1"), HasSubstr("\"nan\""));
  EXPECT_THAT(ErrorOf("weighted:1:x:1"), HasSubstr("\"x\""));
  EXPECT_THAT(ErrorOf("ratio:0"), HasSubstr("ratio:0"));
  EXPECT_THAT(ErrorOf("ratio:1:2"), HasSubstr("ratio:1:2"));
  EXPECT_THAT(ErrorOf("ratio:1e200"), HasSubstr("too steep"));
  EXPECT_THAT(ErrorOf("nmt,nmt"), HasSubstr("nmt stands there already"));
  EXPECT_THAT(ErrorOf("ratio:1,weighted:1:1:1"), HasSubstr("stands there already"));
}

}  // namespace
}  // namespace primacy
