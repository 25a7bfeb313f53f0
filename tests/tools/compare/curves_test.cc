#include "tools/compare/curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::TempDir;

// Stage 1, `click` under the constraint `like`.
std::string Evaluation(int step, double like, double lambda, double click, bool candidate) {
  return Format(
      R"({"event":"evaluation","stage":1,"stage_name":"click","step":%d,"pass":%g,"candidate":%s,)"
      R"("tasks":[{"task":"like","lambda":%g,"violation":0.125,"holdout":{"loss":%g}},)"
      R"({"task":"click","holdout":{"loss":%g}}]})"
      "\n",
      step, step / 10.0, candidate ? "true" : "false", lambda, like, click);
}

std::string Resume(int step) {
  return Format("{\"event\":\"resume\",\"stage\":1,\"step\":%d}\n", step);
}

class CurvesTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    const std::string path = dir_ / ("events" + std::to_string(files_++));
    CHECK(WriteFileAtomically(path, text).ok());
    return path;
  }
  TempDir dir_;
  int files_ = 0;
};

TEST_F(CurvesTest, ReadsStagesTasksAndSeeds) {
  const std::string a =
      Write(Evaluation(5, 0.5, 2, 0.75, true) + "{\"event\":\"checkpoint\"}\n" +
            Evaluation(10, 0.375, 3, 0.5, true) + Evaluation(15, 0.25, 4, 0.625, false));
  const std::string b = Write(Evaluation(5, 0.625, 1, 0.75, false));
  const auto stages = ReadCurves({a, b});
  ASSERT_OK(stages);
  ASSERT_EQ(stages->size(), 2u);
  EXPECT_TRUE((*stages)[0].tasks.empty());
  const StageCurves& stage = (*stages)[1];
  EXPECT_EQ(stage.name, "click");
  EXPECT_EQ(stage.chosen_pass[0], 1.0);
  EXPECT_TRUE(std::isnan(stage.chosen_pass[1]));
  ASSERT_EQ(stage.tasks.size(), 2u);
  const TaskCurves& like = stage.tasks[0];
  EXPECT_TRUE(like.constraint);
  ASSERT_EQ(like.lambda[0].size(), 3u);
  EXPECT_EQ(like.lambda[0][2].value, 4);
  EXPECT_EQ(like.lambda[0][2].pass, 1.5);
  EXPECT_EQ(like.loss[1][0].value, 0.625);
  EXPECT_EQ(like.bound[0], 0.125);  // .25 − .125
  EXPECT_EQ(like.bound[1], 0.5);
  EXPECT_FALSE(stage.tasks[1].constraint);
  EXPECT_TRUE(stage.tasks[1].lambda[0].empty());
}

TEST_F(CurvesTest, WhatAResumeTookBackDoesNotCount) {
  const std::string path =
      Write(Evaluation(5, 0.5, 2, 0.75, true) + Evaluation(10, 0.4, 3, 0.5, true) +
            Evaluation(15, 0.3, 9, 0.5, true) + "{\"event\":\"evalu" + "\n" + Resume(10) +
            Evaluation(10, 0.375, 5, 0.5, true) + Evaluation(15, 0.25, 6, 0.5, false));
  const auto stages = ReadCurves({path});
  ASSERT_OK(stages);
  const Curve& lambda = (*stages)[1].tasks[0].lambda[0];
  ASSERT_EQ(lambda.size(), 3u);
  EXPECT_EQ(lambda[0].value, 2);
  EXPECT_EQ(lambda[1].value, 5);
  EXPECT_EQ(lambda[2].value, 6);
  EXPECT_EQ((*stages)[1].chosen_pass[0], 1.0);
}

TEST_F(CurvesTest, AFileThatIsMissingIsNamed) {
  const auto stages = ReadCurves({dir_ / "gone"});
  ASSERT_FALSE(stages.ok());
  EXPECT_THAT(stages.error().message(), HasSubstr("gone"));
}

TEST_F(CurvesTest, TheMeanGoesOnWhileHalfTheCurvesDo) {
  const Curve a = {{0.5, 1}, {1, 2}, {1.5, 3}, {2, 9}};
  const Curve b = {{0.5, 3}, {1, 6}};
  const Curve c = {{0.5, 5}, {1, 7}, {1.5, 5}};
  const Curve mean = MeanCurve({a, b, c});
  ASSERT_EQ(mean.size(), 3u);
  EXPECT_EQ(mean[0].value, 3);
  EXPECT_EQ(mean[1].value, 5);
  EXPECT_EQ(mean[2].value, 4);
  EXPECT_EQ(mean[2].pass, 1.5);
  EXPECT_TRUE(MeanCurve({}).empty());
}

}  // namespace
}  // namespace primacy
