#include "tools/compare/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/json_value.h"
#include "tests/support/result_matchers.h"
#include "tests/tools/compare/figures.h"
#include "tools/compare/comparison_json.h"

namespace primacy {
namespace {

using Kind = Method::Kind;
using testing::HasSubstr;
using testing::Not;
using testing_support::CompareFigures;
using testing_support::Figures;

Comparison SampleComparison() {
  return CompareFigures({Figures("each task alone", Kind::kSingle, {0.90, 0.92}, {0.80, 0.82}),
                         Figures("weighted 2:1", Kind::kWeighted, {0.91, 0.91}, {0.70, 0.72}),
                         Figures("NMT", Kind::kNmt, {0.92, 0.92}, {0.75, 0.79})});
}

TEST(TableTest, MeansErrorsAndDifferences) {
  const std::string table = ComparisonTable(SampleComparison());
  // Standard deviation .0141421 / √2 = .01.
  EXPECT_THAT(table, HasSubstr("test AUC, MMoE   like             click            passes"));
  EXPECT_THAT(table, HasSubstr("each task alone  0.9100 ± 0.0100  0.8100 ± 0.0100     3.5"));
  EXPECT_THAT(table, HasSubstr("<- chosen on the hold-out slice"));
  EXPECT_THAT(table, HasSubstr("mean ± standard error over 2 seeds (1 to 2)"));
  // .92 − {.90, .92}: mean .01, half = 12.706 · .01414 / √2 = .12706.
  EXPECT_THAT(table, HasSubstr("each task alone  +0.0100 [-0.1171, +0.1371]"));
  EXPECT_THAT(table, HasSubstr("weighted 2:1     +0.0100 [+0.0100, +0.0100]"));
  EXPECT_THAT(table, HasSubstr("Of 1 weighting, those whose first task (like) has a mean AUC on "
                               "the hold-out slice of at least that of training it alone less "
                               "0.002 (0.9100 - 0.002) would do; of these, weighted 2:1"));
  EXPECT_THAT(table, HasSubstr("(hold-out: like 0.9100, click 0.7100)"));
}

TEST(TableTest, SaysWhatNmtCost) {
  Comparison comparison = SampleComparison();
  std::vector<MethodFigures>& methods = comparison.models[0].methods;
  methods[0].row_passes = {8, 12};
  methods[1].row_passes = {4, 4};
  methods[2].row_passes = {10, 13};
  EXPECT_THAT(
      ComparisonTable(comparison),
      HasSubstr("NMT read the train rows 11.5 times, 1.15 times as often as each task alone "
                "together, 2.88 times as often as the weighting.\n"));
  methods.push_back(methods[1]);
  methods.erase(methods.begin());
  comparison.models[0].single = -1;
  comparison.models[0].chosen = -1;
  comparison.models[0].nmt = 1;
  EXPECT_THAT(ComparisonTable(comparison),
              HasSubstr("NMT read the train rows 11.5 times, 1.44 times as often as all 2 "
                        "weightings.\n"));
}

TEST(TableTest, OneSeedHasNoIntervals) {
  const std::string one =
      ComparisonTable(CompareFigures({Figures("each task alone", Kind::kSingle, {0.9}, {0.8}),
                                      Figures("NMT", Kind::kNmt, {0.92}, {0.7})}));
  EXPECT_THAT(one, HasSubstr("each task alone  0.9000  0.8000"));
  EXPECT_THAT(one, HasSubstr("each task alone  +0.0200 –  -0.1000 –"));
  EXPECT_THAT(one, HasSubstr("over 1 seed (1)"));
  EXPECT_THAT(one, Not(HasSubstr("inf")));
  EXPECT_THAT(one, Not(HasSubstr("weighting")));
}

TEST(TableTest, WithoutNmtThereIsNothingToSubtract) {
  const std::string single =
      ComparisonTable(CompareFigures({Figures("each task alone", Kind::kSingle, {0.9}, {0.8})}));
  EXPECT_THAT(single, Not(HasSubstr("NMT")));
}

TEST(TableTest, SaysWhyNoWeightingIsChosen) {
  EXPECT_THAT(ComparisonTable(CompareFigures(
                  {Figures("each task alone", Kind::kSingle, {0.9, 0.9}, {0.8, 0.8}),
                   Figures("weighted 1:1", Kind::kWeighted, {0.8, 0.8}, {0.8, 0.8})})),
              HasSubstr("(0.9000 - 0.002) would do: none has."));
  EXPECT_THAT(ComparisonTable(CompareFigures(
                  {Figures("weighted 1:1", Kind::kWeighted, {0.8, 0.8}, {0.8, 0.8})})),
              HasSubstr("takes each task alone (single) among the methods"));
}

TEST(TableTest, CountsVerdicts) {
  Comparison comparison = SampleComparison();
  comparison.models[0].methods[2].verdicts = {17, 1, 2};
  EXPECT_THAT(ComparisonTable(comparison),
              HasSubstr("on the test slice: 17 kept, 1 not kept, 2 not decidable."));
}

TEST(JsonTest, HasEveryFigure) {
  Comparison comparison = SampleComparison();
  comparison.models[0].methods[2].verdicts = {17, 1, 2};
  const Result<JsonValue> json = ParseJson(ComparisonJson(comparison));
  ASSERT_OK(json);
  EXPECT_EQ(json->IntegerOr("format", 0), 2);
  EXPECT_EQ(json->Find("seeds")->array()->size(), 2u);
  const JsonValue& model = json->Find("models")->array()->at(0);
  EXPECT_EQ(model.TextOr("model", ""), "mmoe");
  const JsonValue::Array& methods = *model.Find("methods")->array();
  ASSERT_EQ(methods.size(), 3u);
  EXPECT_EQ(methods[1].TextOr("name", ""), "weighted 2:1");
  EXPECT_TRUE(methods[1].BooleanOr("chosen", false));
  EXPECT_FALSE(methods[2].BooleanOr("chosen", true));
  EXPECT_EQ(methods[0].Find("row_passes")->array()->at(1).number(), 3.5);
  EXPECT_EQ(methods[2].Find("verdicts")->IntegerOr("not_decidable", 0), 2);
  const JsonValue* click = methods[2].Find("tasks")->Find("click");
  EXPECT_EQ(click->Find("test_auc")->array()->at(1).number(), 0.79);
  EXPECT_NEAR(click->NumberOr("test_standard_error", 0), 0.02, 1e-12);
  EXPECT_EQ(click->Find("nmt_minus"), nullptr);
  const JsonValue* alone = methods[0].Find("tasks")->Find("like")->Find("nmt_minus");
  EXPECT_NEAR(alone->NumberOr("mean", 0), 0.01, 1e-12);
  EXPECT_NEAR(alone->NumberOr("low", 0), 0.01 - 0.12706, 1e-4);
}

TEST(JsonTest, WhatIsNotThereIsNull) {
  const Comparison comparison =
      CompareFigures({Figures("each task alone", Kind::kSingle, {0.9, 0.8}, {NAN, NAN}),
                      Figures("NMT", Kind::kNmt, {0.9, NAN}, {NAN, NAN})});
  EXPECT_THAT(ComparisonTable(comparison), Not(HasSubstr("nan")));
  const Result<JsonValue> json = ParseJson(ComparisonJson(comparison));
  ASSERT_OK(json);
  const JsonValue* click =
      json->Find("models")->array()->at(0).Find("methods")->array()->at(1).Find("tasks")->Find(
          "click");
  EXPECT_TRUE(click->Find("test_auc")->array()->at(0).is_null());
  EXPECT_TRUE(click->Find("test_mean")->is_null());
}

}  // namespace
}  // namespace primacy
