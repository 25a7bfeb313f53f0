#include "tools/compare/run_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

JsonValue Parse(const std::string& text) {
  Result<JsonValue> value = ParseJson(text);
  CHECK(value.ok()) << value.error().trace();
  return *std::move(value);
}

TEST(RunReportTest, CountsTheLastStagesVerdicts) {
  const JsonValue report = Parse(R"({"stages": [
      {"name": "like", "kept": true, "constraints": [{"verdict": "not kept"}]},
      {"name": "stay", "kept": false, "constraints": [
        {"task": "like", "verdict": "kept"}, {"task": "click", "verdict": "not decidable"},
        {"task": "read", "verdict": "not kept"}, {"task": "share", "verdict": "kept"}]}]})");
  const Verdicts verdicts = LastVerdicts(report);
  EXPECT_EQ(verdicts.kept, 2);
  EXPECT_EQ(verdicts.not_kept, 1);
  EXPECT_EQ(verdicts.undecided, 1);
  EXPECT_EQ(verdicts.total(), 4);
  EXPECT_FALSE(LastStageKept(report));
}

TEST(RunReportTest, WhatAReportDoesNotHave) {
  EXPECT_EQ(LastVerdicts(Parse("{}")).total(), 0);
  EXPECT_EQ(LastVerdicts(Parse(R"({"stages": [{"kept": true}]})")).total(), 0);
  EXPECT_TRUE(LastStageKept(Parse(R"({"stages": [{"kept": true}]})")));
  EXPECT_FALSE(LastStageKept(Parse("{}")));
  const JsonValue report =
      Parse(R"({"final": {"like": {"test": {"auc": 0.75}, "holdout": {"auc": null}}}})");
  EXPECT_EQ(AucOf(report, "like", "test"), 0.75);
  EXPECT_TRUE(std::isnan(AucOf(report, "like", "holdout")));
  EXPECT_TRUE(std::isnan(AucOf(report, "click", "test")));
}

}  // namespace
}  // namespace primacy
