#include "tools/compare/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "common/config/job_config.h"
#include "tests/support/result_matchers.h"
#include "tools/compare/model_names.h"
#include "tools/compare/progress.h"
#include "tools/compare/time_left.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Job JobWith(const std::string& settings) {
  const auto job = ParseJob(
      "data { log: 'logs/../log' } task { name: 'like' } task { name: 'click' } " + settings,
      "test job");
  CHECK(job.ok()) << job.error().trace();
  return FillDefaults(*job);
}

ComparisonPlan Plan(const std::string& methods) {
  ComparisonPlan plan;
  plan.models = {JobWith("training { seed: 7 } runtime { port: 9000 }"),
                 JobWith("training { seed: 7 } model { kind: PLE }")};
  const auto parsed = ParseMethods(methods, plan.models[0]);
  CHECK(parsed.ok()) << parsed.error().trace();
  plan.methods = *parsed;
  plan.seeds = 2;
  plan.run_dir = "runs";
  return plan;
}

TEST(PlanTest, ModelsTimesSeedsTimesTrainings) {
  std::vector<std::string> names;
  for (const PlannedTraining& training : PlanTrainings(Plan("nmt,single"))) {
    names.push_back(training.name);
  }
  EXPECT_THAT(
      names, ElementsAre("shared_bottom/single_like, seed 7", "shared_bottom/single_click, seed 7",
                         "shared_bottom/nmt, seed 7", "shared_bottom/single_like, seed 8",
                         "shared_bottom/single_click, seed 8", "shared_bottom/nmt, seed 8",
                         "ple/single_like, seed 7", "ple/single_click, seed 7", "ple/nmt, seed 7",
                         "ple/single_like, seed 8", "ple/single_click, seed 8", "ple/nmt, seed 8"));
}

TEST(PlanTest, ATrainingIsAWholeJob) {
  const std::vector<PlannedTraining> trainings = PlanTrainings(Plan("weighted:4:1"));
  ASSERT_EQ(trainings.size(), 4u);
  EXPECT_EQ(trainings[3].run_dir, "runs/ple/weighted_4_1/seed-8");
  EXPECT_EQ(trainings[3].group, "ple/weighted_4_1");
  const Job& job = trainings[3].job;
  EXPECT_EQ(job.model().kind(), ModelConfig::PLE);
  EXPECT_EQ(job.training().seed(), 8u);
  EXPECT_EQ(job.priority().method(), PriorityConfig::WEIGHTED);
  EXPECT_THAT(job.priority().weight(), ElementsAre(4, 1));
  EXPECT_EQ(job.data().log(), (std::filesystem::current_path() / "log").string());
  EXPECT_EQ(trainings[0].job.runtime().port(), 0);
  ASSERT_OK(ValidateJob(job));
}

TEST(ModelNamesTest, ValuesOfModelKindInEitherCase) {
  const auto models = ParseModels("shared_bottom, MMoE,PLE");
  ASSERT_OK(models);
  EXPECT_THAT(*models,
              ElementsAre(ModelConfig::SHARED_BOTTOM, ModelConfig::MMOE, ModelConfig::PLE));
  EXPECT_TRUE(ParseModels("")->empty());
  EXPECT_EQ(ModelFolder(ModelConfig::SHARED_BOTTOM), "shared_bottom");
  EXPECT_EQ(ModelTitle(ModelConfig::MMOE), "MMoE");
  for (const auto& [text, part] :
       {std::pair{"PLE,ple", "PLE stands there already"},
        std::pair{"MMOO", "did you mean \"MMOE\"?"}, std::pair{"PLE,", "--models"}}) {
    const auto wrong = ParseModels(text);
    ASSERT_FALSE(wrong.ok()) << text;
    EXPECT_EQ(wrong.error().kind(), ErrorKind::kUsage);
    EXPECT_THAT(wrong.error().message(), HasSubstr(part));
  }
}

TEST(TimeLeftTest, AGroupsMeanOrThatOfAll) {
  TimeLeft left;
  EXPECT_LT(left.Seconds({"nmt"}, 1), 0);
  left.Add("nmt", 10);
  left.Add("nmt", 14);
  left.Add("single", 3);
  EXPECT_EQ(left.Seconds({}, 2), 0);
  EXPECT_EQ(left.Seconds({"nmt", "single"}, 1), 15);
  EXPECT_EQ(left.Seconds({"nmt", "pcgrad"}, 2), (12 + 9) / 2.0);
}

TEST(ProgressTest, OneLine) {
  EXPECT_EQ(DescribeProgress({3, 40, 130, {"ple/nmt, seed 2", "ple/dwa, seed 2"}}),
            "3 of 40 trainings done, about 2 min left: ple/nmt, seed 2; ple/dwa, seed 2");
  EXPECT_EQ(DescribeProgress({0, 2, -1, {"ple/nmt, seed 2"}}),
            "0 of 2 trainings done: ple/nmt, seed 2");
  EXPECT_EQ(DescribeProgress({2, 2, 0, {}}), "2 of 2 trainings done");
}

// A file is no terminal: the first and the last line go there at once, others now and then.
TEST(ProgressTest, ALogHasTheFirstLineAndTheLast) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), &std::fclose};
  {
    CompareProgress progress(file.get());
    for (const int done : {0, 0, 1, 2, 2}) progress.Show({done, 2, 0, {}});
  }
  std::rewind(file.get());
  char text[4096];
  EXPECT_EQ(std::string(text, std::fread(text, 1, sizeof(text), file.get())),
            "0 of 2 trainings done, about 0 s left\n2 of 2 trainings done\n");
}

}  // namespace
}  // namespace primacy
