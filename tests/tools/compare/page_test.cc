#include "tools/compare/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/tools/compare/figures.h"
#include "tests/tools/compare/markup.h"
#include "tools/compare/svg.h"

namespace primacy {
namespace {

using Kind = Method::Kind;
using testing::HasSubstr;
using testing::Not;
using testing_support::CompareFigures;
using testing_support::ExpectSelfContained;
using testing_support::ExpectWellFormed;
using testing_support::Figures;

Comparison Sample() {
  Comparison comparison =
      CompareFigures({Figures("each task alone", Kind::kSingle, {0.90, 0.92}, {0.80, 0.82}),
                      Figures("weighted 2:1", Kind::kWeighted, {0.91, 0.91}, {0.50, 0.52}),
                      Figures("pcgrad", Kind::kRival, {0.90, 0.91}, {0.78, 0.80}),
                      Figures("NMT", Kind::kNmt, {0.92, 0.92}, {0.75, 0.79})});
  comparison.models[0].curves = testing_support::SampleCurves();
  return comparison;
}

std::string PageOf(const Comparison& comparison) {
  std::vector<ModelPictures> pictures;
  for (const ModelComparison& model : comparison.models) {
    pictures.push_back(DrawModel(comparison, model));
  }
  return ComparisonPage(comparison, pictures);
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PageTest, IsOneWellFormedFile) {
  Comparison comparison = Sample();
  comparison.models.push_back(comparison.models[0]);
  comparison.models[1].model = "PLE";
  comparison.models[1].folder = "ple";
  const std::string page = PageOf(comparison);
  ExpectWellFormed(page);
  ExpectSelfContained(page);
  EXPECT_EQ(Count(page, "<svg "), 6);
  EXPECT_THAT(page, HasSubstr("<a href=\"#ple\">PLE</a>"));
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(page, HasSubstr("@media print"));
}

TEST(PageTest, ShowsTheFigures) {
  Comparison comparison = Sample();
  comparison.models[0].methods[3].verdicts = {1, 0, 1};
  comparison.models[0].methods[3].kept = 1;
  const std::string page = PageOf(comparison);
  EXPECT_THAT(page, HasSubstr("<td>0.9100 ± 0.0100"));
  EXPECT_THAT(page, HasSubstr("+0.0100 [-0.1171, +0.1371]"));
  EXPECT_THAT(page, HasSubstr("1 kept, 0 not kept, 1 not decidable"));
  EXPECT_THAT(page, HasSubstr("all kept in 1 of 2 trainings"));
  EXPECT_THAT(page, HasSubstr("weighted 2:1<small>← chosen on hold-out</small>"));
  // NMT − weighted 2:1 on click: {.25, .27}, mean .26, half = 12.706 · .01 = .12706: above 0.
  EXPECT_THAT(page, HasSubstr("<small class=\"above\">+0.2600 [+0.1329, +0.3871]"));
  EXPECT_THAT(page, HasSubstr("which took no part in it"));
}

TEST(PageTest, NamesAreOnlyText) {
  Comparison odd = Sample();
  odd.job = "<script>alert('x')</script>";
  odd.tasks = {"a<b>&\"c\"", "%s%d"};
  odd.models[0].methods[1].name = "</text></svg>";
  odd.models[0].methods[2].name = "\xFF\x01";
  odd.models[0].curves[1].name = "\"><img src=x>";
  odd.models[0].curves[0].tasks[0].task = odd.tasks[0];
  const std::string page = PageOf(odd);
  ExpectWellFormed(page);
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, HasSubstr("a&lt;b&gt;&amp;&quot;c&quot;"));
  EXPECT_THAT(page, HasSubstr("%s%d"));
  EXPECT_THAT(page, HasSubstr("\xEF\xBF\xBD\xEF\xBF\xBD"));
}

TEST(PageTest, WhatIsNotThereIsLeftOut) {
  const std::string no_nmt =
      PageOf(CompareFigures({Figures("each task alone", Kind::kSingle, {0.9, 0.8}, {NAN, NAN}),
                             Figures("weighted 1:1", Kind::kWeighted, {0.7, 0.8}, {0.7, NAN})}));
  ExpectWellFormed(no_nmt);
  EXPECT_THAT(no_nmt, Not(HasSubstr("nan")));
  EXPECT_THAT(no_nmt, Not(HasSubstr("NMT −")));
  EXPECT_THAT(no_nmt, HasSubstr("none has."));

  Comparison one = CompareFigures({Figures("NMT", Kind::kNmt, {0.9}, {0.8})});
  one.tasks.resize(1);
  one.models[0].methods[0].tasks.resize(1);
  const std::string page = PageOf(one);
  ExpectWellFormed(page);
  EXPECT_EQ(Count(page, "<svg "), 0);
  EXPECT_THAT(page, HasSubstr("One seed has no intervals"));
  EXPECT_THAT(page, Not(HasSubstr("inf")));
}

TEST(PageTest, AFileOfItsOwnHasColoursThatAnyProgramDraws) {
  const Comparison comparison = Sample();
  const ModelPictures pictures = DrawModel(comparison, comparison.models[0]);
  for (const std::string& svg : {pictures.pareto, pictures.lambda, pictures.loss}) {
    const std::string file = StandaloneSvg(svg);
    ExpectWellFormed(file);
    ExpectSelfContained(file);
    EXPECT_THAT(file, HasSubstr("<style>"));
    EXPECT_THAT(file, Not(HasSubstr("var(")));
    EXPECT_THAT(file, Not(HasSubstr("$")));
  }
}

TEST(PictureTest, APanelPerTaskAndACloseUpWhereMethodsCrowd) {
  // Of the second task the methods spread over .52 to .81, all but the weighting over .77 to .81.
  const Comparison comparison = Sample();
  const std::string svg = DrawModel(comparison, comparison.models[0]).pareto;
  EXPECT_EQ(Count(svg, "class=\"axis\""), 2);
  EXPECT_THAT(svg, HasSubstr("like and click, close up"));
  Comparison near = Sample();
  near.models[0].methods[1].tasks[1].test = {0.78, 0.79};
  EXPECT_THAT(DrawModel(near, near.models[0]).pareto, Not(HasSubstr("close up")));
}

TEST(PictureTest, APanelForEveryStageAndTask) {
  const Comparison comparison = Sample();
  const ModelPictures pictures = DrawModel(comparison, comparison.models[0]);
  // Two stages with one and two tasks; one constraint.
  EXPECT_EQ(Count(pictures.loss, "class=\"axis\""), 3);
  EXPECT_EQ(Count(pictures.lambda, "class=\"axis\""), 1);
  // Both seeds and their mean.
  EXPECT_EQ(Count(pictures.lambda, "<polyline"), 3);
  EXPECT_EQ(Count(pictures.lambda, " dot\""), 2);
  EXPECT_EQ(Count(pictures.loss, "class=\"reference\""), 1);
}

}  // namespace
}  // namespace primacy
