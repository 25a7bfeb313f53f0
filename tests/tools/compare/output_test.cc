#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "tests/support/result_matchers.h"
#include "tests/tools/compare/figures.h"

namespace primacy {
namespace {

using Kind = Method::Kind;
using testing::HasSubstr;
using testing::Not;
using testing_support::CompareFigures;
using testing_support::Figures;

Comparison Sample() {
  return CompareFigures({Figures("each task alone", Kind::kSingle, {0.90, 0.92}, {0.80, 0.82}),
                         Figures("weighted 2:1", Kind::kWeighted, {0.91, 0.91}, {0.70, 0.72}),
                         Figures("NMT", Kind::kNmt, {0.92, 0.92}, {0.75, 0.79})});
}

// The text of an element or an attribute has no bare & and no <, and each element is closed.
void ExpectWellFormed(const std::string& svg) {
  std::vector<std::string> open;
  size_t at = 0;
  while (at < svg.size()) {
    if (svg[at] == '&') {
      const std::string_view rest = std::string_view(svg).substr(at);
      EXPECT_TRUE(rest.starts_with("&amp;") || rest.starts_with("&lt;") || rest.starts_with("&gt;"))
          << rest.substr(0, 20);
    }
    if (svg[at] != '<') {
      ++at;
      continue;
    }
    const size_t end = svg.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = svg.substr(at + 1, end - at - 1);
    EXPECT_EQ(tag.find('<'), std::string::npos) << tag;
    EXPECT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    at = end + 1;
  }
  EXPECT_TRUE(open.empty());
}

TEST(OutputTest, Table) {
  const std::string table = FormatComparison(Sample());
  EXPECT_THAT(table, HasSubstr("0.9100 (0.0141)"));
  EXPECT_THAT(table, HasSubstr("<- chosen on the hold-out slice"));
  EXPECT_THAT(table, HasSubstr("mean over 2 seeds"));
  // .92 − {.90, .92}: mean .01, half = 12.706 · .01414 / √2 = .12706.
  EXPECT_THAT(table, HasSubstr("NMT - each task alone, paired, 95 % interval:\n"
                               "  like           +0.0100 [-0.1171, +0.1371]"));
  EXPECT_THAT(table, HasSubstr("NMT - weighted 2:1"));
  EXPECT_THAT(table, Not(HasSubstr("no weighting")));
}

TEST(OutputTest, TableOfOneMethodOrOneSeed) {
  const std::string single =
      FormatComparison(CompareFigures({Figures("each task alone", Kind::kSingle, {0.9}, {0.8})}));
  EXPECT_THAT(single, Not(HasSubstr("NMT")));
  EXPECT_THAT(single, Not(HasSubstr("no weighting")));
  const std::string one =
      FormatComparison(CompareFigures({Figures("each task alone", Kind::kSingle, {0.9}, {0.8}),
                                       Figures("NMT", Kind::kNmt, {0.92}, {0.7})}));
  EXPECT_THAT(one, HasSubstr("+0.0200 (one seed: no interval)"));
  EXPECT_THAT(one, Not(HasSubstr("inf")));
}

TEST(OutputTest, SaysThatNoWeightingKeepsTheFirstTask) {
  const Comparison comparison =
      CompareFigures({Figures("each task alone", Kind::kSingle, {0.9, 0.9}, {0.8, 0.8}),
                      Figures("weighted 1:1", Kind::kWeighted, {0.8, 0.8}, {0.8, 0.8})});
  EXPECT_THAT(FormatComparison(comparison), HasSubstr("no weighting keeps the first task"));
}

TEST(OutputTest, Json) {
  const Result<JsonValue> json = ParseJson(ComparisonJson(Sample()));
  ASSERT_OK(json);
  const JsonValue::Array& methods = *json->Find("methods")->array();
  ASSERT_EQ(methods.size(), 3u);
  EXPECT_EQ(methods[1].TextOr("name", ""), "weighted 2:1");
  EXPECT_TRUE(methods[1].BooleanOr("chosen", false));
  EXPECT_FALSE(methods[2].BooleanOr("chosen", true));
  EXPECT_EQ(methods[0].NumberOr("row_passes", 0), 3.5);
  const JsonValue::Array& auc = *methods[2].Find("tasks")->Find("click")->Find("test_auc")->array();
  ASSERT_EQ(auc.size(), 2u);
  EXPECT_EQ(auc[1].number(), 0.79);
}

TEST(OutputTest, PictureIsWellFormedWhateverTheNames) {
  ExpectWellFormed(ComparisonSvg(Sample()));
  Comparison odd = Sample();
  odd.tasks = {"a<b>&\"c\"", "%s%d"};
  odd.methods[1].name = "</text>";
  const std::string svg = ComparisonSvg(odd);
  ExpectWellFormed(svg);
  EXPECT_THAT(svg, HasSubstr("a&lt;b&gt;&amp;"));
  EXPECT_THAT(svg, HasSubstr("%s%d"));
}

TEST(OutputTest, FiguresThatAreNotThere) {
  const Comparison comparison =
      CompareFigures({Figures("each task alone", Kind::kSingle, {0.9, 0.8}, {NAN, NAN}),
                      Figures("NMT", Kind::kNmt, {0.9, NAN}, {NAN, NAN})});
  for (const std::string& text : {ComparisonSvg(comparison), FormatComparison(comparison)}) {
    EXPECT_THAT(text, Not(HasSubstr("nan")));
  }
  ExpectWellFormed(ComparisonSvg(comparison));
  const Result<JsonValue> json = ParseJson(ComparisonJson(comparison));
  ASSERT_OK(json);
  EXPECT_TRUE((*json->Find("methods")->array())[1]
                  .Find("tasks")
                  ->Find("click")
                  ->Find("test_auc")
                  ->array()
                  ->at(0)
                  .is_null());
}

TEST(OutputTest, OneTaskIsDrawnAgainstItself) {
  Comparison comparison = CompareFigures({Figures("NMT", Kind::kNmt, {0.9}, {0.8})});
  comparison.tasks.resize(1);
  comparison.methods[0].tasks.resize(1);
  ExpectWellFormed(ComparisonSvg(comparison));
}

}  // namespace
}  // namespace primacy
