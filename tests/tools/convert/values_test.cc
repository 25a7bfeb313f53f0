#include "tools/convert/values.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"
#include "tools/convert/columns.h"
#include "tools/convert/condition.h"

namespace primacy {
namespace {

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  CHECK(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

TEST(ValuesTest, ParsesWholeFiniteNumbersOnly) {
  EXPECT_EQ(ParseNumber("3"), 3);
  EXPECT_EQ(ParseNumber("+2.5"), 2.5);
  EXPECT_EQ(ParseNumber("-1e3"), -1000);
  for (const char* text : {"", "+", "+-1", "1x", " 1", "0x10", "nan", "inf", "1e999", "1,5"}) {
    EXPECT_FALSE(ParseNumber(text).has_value()) << text;
  }
}

TEST(ValuesTest, BucketsByLogarithm) {
  const auto bucket = Parse<Bucket>("log_factor: 4");
  EXPECT_EQ(BucketOf(bucket, 0), 0);
  EXPECT_EQ(BucketOf(bucket, 1), 2);       // 4 ln 2 = 2.77
  EXPECT_EQ(BucketOf(bucket, 45916), 42);  // 4 ln 45917 = 42.94
  EXPECT_EQ(BucketOf(bucket, -1), -2);
}

TEST(ValuesTest, BucketsByWidthDownwards) {
  const auto bucket = Parse<Bucket>("width: 3");
  EXPECT_EQ(BucketOf(bucket, 38), 12);
  EXPECT_EQ(BucketOf(bucket, 39), 13);
  EXPECT_EQ(BucketOf(bucket, -1), -1);
  EXPECT_EQ(BucketOf(bucket, 1e300), int64_t{1} << 62);
}

TEST(ValuesTest, BucketsByBoundaries) {
  const auto bucket = Parse<Bucket>("boundary: [0, 10, 100]");
  EXPECT_EQ(BucketOf(bucket, -0.5), 0);
  EXPECT_EQ(BucketOf(bucket, 0), 1);
  EXPECT_EQ(BucketOf(bucket, 99.9), 2);
  EXPECT_EQ(BucketOf(bucket, 100), 3);
}

TEST(ValuesTest, KeysAreHashesOfTexts) {
  EXPECT_EQ(KeyOfText("17"), HashBytes("17"));
  EXPECT_EQ(KeyOfBucket(-12), HashBytes("-12"));
  EXPECT_EQ(KeyOfMissing(), HashBytes(""));
  EXPECT_DOUBLE_EQ(SignedLog1p(-std::expm1(2.0)), -2.0);
}

TEST(ColumnsTest, ResolvesNamesPlacesAndRanges) {
  Columns columns({"a", "b.x", "", "d"});
  ASSERT_OK(columns.AddJoined("j"));
  EXPECT_EQ(*columns.Resolve("b.x"), (ColumnRef{1, false}));
  EXPECT_EQ(*columns.Resolve("c2"), (ColumnRef{2, false}));
  EXPECT_EQ(*columns.Resolve("#3"), (ColumnRef{3, false}));
  EXPECT_EQ(*columns.Resolve("j"), (ColumnRef{0, true}));
  const auto range = columns.ResolveSome("b.x..#3");
  ASSERT_OK(range);
  EXPECT_EQ(range->size(), 3u);
  EXPECT_EQ(columns.Unmentioned(), (std::vector<ColumnRef>{{0, false}}));
}

TEST(ColumnsTest, NamesWhatIsWrong) {
  Columns columns({"a", "b", "a"});
  const auto unknown = columns.Resolve("price");
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(unknown.error().message(), testing::HasSubstr("unknown column \"price\""));
  EXPECT_FALSE(columns.Resolve("a").ok());
  EXPECT_FALSE(columns.Resolve("#3").ok());
  EXPECT_FALSE(columns.Resolve("#-1").ok());
  EXPECT_FALSE(columns.ResolveSome("b..#0").ok());
  EXPECT_FALSE(columns.AddJoined("b").ok());
}

class ConditionOnRow : public testing::Test {
 protected:
  Truth Evaluate(const std::string& condition, std::vector<std::string_view> row) {
    Columns columns({"x", "y"});
    auto test = ConditionTest::Make(Parse<Condition>(condition),
                                    MissingTexts(std::vector<std::string>{"?"}), columns);
    CHECK(test.ok()) << test.error().trace();
    return test->Evaluate({.own = row});
  }
};

TEST_F(ConditionOnRow, ComparesNumbers) {
  EXPECT_EQ(Evaluate("column: 'x' op: '>=' number: 4", {" 4.0 ", ""}), Truth::kTrue);
  EXPECT_EQ(Evaluate("column: 'x' op: '>' number: 4", {"4", ""}), Truth::kFalse);
  EXPECT_EQ(Evaluate("column: 'x' op: '<=' number: 4", {"-1e9", ""}), Truth::kTrue);
  EXPECT_EQ(Evaluate("column: 'x' op: '<' number: 4", {"4", ""}), Truth::kFalse);
  EXPECT_EQ(Evaluate("column: 'x' op: '==' number: 4", {"04", ""}), Truth::kTrue);
  EXPECT_EQ(Evaluate("column: 'x' op: '!=' number: 4", {"4", ""}), Truth::kFalse);
}

TEST_F(ConditionOnRow, ComparesTexts) {
  EXPECT_EQ(Evaluate("column: 'x' op: '==' text: '50000+.'", {" 50000+. ", ""}), Truth::kTrue);
  EXPECT_EQ(Evaluate("column: 'x' op: '==' text: '4'", {"4.0", ""}), Truth::kFalse);
  EXPECT_EQ(Evaluate("column: 'x' op: '!=' text: '?'", {"?", ""}), Truth::kFalse);
  EXPECT_EQ(Evaluate("column: 'x' op: '<' text: 'b'", {"a", ""}), Truth::kTrue);
}

TEST_F(ConditionOnRow, ComparesColumnsAndKnowsMissingAndBadOnes) {
  const std::string longer = "column: 'x' op: '>=' other_column: 'y'";
  EXPECT_EQ(Evaluate(longer, {"10", "9.5"}), Truth::kTrue);
  EXPECT_EQ(Evaluate(longer, {"10", "?"}), Truth::kMissing);
  EXPECT_EQ(Evaluate(longer, {"", "1"}), Truth::kMissing);
  EXPECT_EQ(Evaluate(longer, {"ten", "1"}), Truth::kBadNumber);
}

}  // namespace
}  // namespace primacy
