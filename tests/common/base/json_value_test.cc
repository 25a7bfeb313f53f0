#include "common/base/json_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>

#include "common/base/hash.h"
#include "common/base/json.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

TEST(JsonValueTest, ReadsEveryKind) {
  const auto value = ParseJson(
      R"( { "step" : 12, "loss": [0.25, -1e3, null], "kept": true, "name": "nmt", "none": {}, "off": false } )");
  ASSERT_OK(value);
  ASSERT_NE(value->object(), nullptr);
  EXPECT_EQ(value->object()->size(), 6u);
  EXPECT_EQ(value->IntegerOr("step", -1), 12);
  EXPECT_EQ(value->NumberOr("step", -1), 12.0);
  EXPECT_TRUE(value->BooleanOr("kept", false));
  EXPECT_FALSE(value->BooleanOr("off", true));
  EXPECT_EQ(value->TextOr("name", ""), "nmt");
  const JsonValue::Array& loss = *value->Find("loss")->array();
  ASSERT_EQ(loss.size(), 3u);
  EXPECT_EQ(loss[0].number(), 0.25);
  EXPECT_EQ(loss[1].number(), -1000.0);
  EXPECT_EQ(loss[1].integer(), std::nullopt);
  EXPECT_TRUE(loss[2].is_null());
  EXPECT_TRUE(value->Find("none")->object()->empty());
}

TEST(JsonValueTest, WrongKindOrMissingGivesTheOtherValue) {
  const auto value = ParseJson(R"({"a":"text","b":null,"a":1})");
  ASSERT_OK(value);
  EXPECT_EQ(value->NumberOr("a", 7), 7.0);
  EXPECT_EQ(value->NumberOr("b", 7), 7.0);
  EXPECT_EQ(value->TextOr("c", "none"), "none");
  EXPECT_EQ(value->TextOr("a", ""), "text");
  EXPECT_EQ(value->Find("a")->Find("b"), nullptr);
  EXPECT_EQ(value->Find("a")->array(), nullptr);
}

TEST(JsonValueTest, IntegersAreExactWhereTheyFit) {
  const auto value = ParseJson(
      "[9007199254740993, -9223372036854775808, 9223372036854775808, 1.0, "
      "18446744073709551615, 18446744073709551616]");
  ASSERT_OK(value);
  const JsonValue::Array& numbers = *value->array();
  EXPECT_EQ(numbers[0].integer(), 9007199254740993);
  EXPECT_EQ(numbers[1].integer(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(numbers[2].integer(), std::nullopt);
  EXPECT_EQ(numbers[2].number(), 9223372036854775808.0);
  EXPECT_EQ(numbers[3].integer(), std::nullopt);
  EXPECT_EQ(numbers[0].natural(), 9007199254740993u);
  EXPECT_EQ(numbers[1].natural(), std::nullopt);
  EXPECT_EQ(numbers[2].natural(), 9223372036854775808u);
  EXPECT_EQ(numbers[3].natural(), std::nullopt);
  EXPECT_EQ(numbers[4].natural(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(numbers[5].natural(), std::nullopt);
}

TEST(JsonValueTest, DecodesEscapes) {
  const auto value = ParseJson(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00")");
  ASSERT_OK(value);
  EXPECT_EQ(*value->text(), "\"\\/\b\f\n\r\tAé€😀");
}

struct Broken {
  const char* text;
  const char* message;
};

TEST(JsonValueTest, NamesThePlaceOfAnError) {
  const Broken cases[] = {
      {"", "line 1 column 1: a value expected"},
      {"{\"a\":1,\n \"b\" 2}", "line 2 column 6: ':' expected"},
      {"[1,]", "column 4: a value expected"},
      {"[1 2]", "',' or ']' expected"},
      {"{\"a\":1", "',' or '}' expected"},
      {"{a:1}", "a name in quotes expected"},
      {"{\"a\":1,}", "a name in quotes expected"},
      {"1 2", "text after the value"},
      {"01", "text after the value"},
      {"-", "a value expected"},
      {"+1", "a value expected"},
      {".5", "a value expected"},
      {"1.", "a digit expected"},
      {"1e", "a digit expected"},
      {"1e999", "out of range"},
      {"NaN", "a value expected"},
      {"nul", "a value expected"},
      {"truth", "a value expected"},
      {"\"a", "closing quote"},
      {"\"a\\", "unknown escape"},
      {"\"\\x\"", "unknown escape"},
      {"\"\\u12\"", "hexadecimal"},
      {"\"\\u-123\"", "hexadecimal"},
      {"\"\\ud83d\"", "surrogate"},
      {"\"\\ud83d\\u0041\"", "surrogate"},
      {"\"\\ude00\"", "surrogate"},
      {"\"a\nb\"", "control character"},
      {"\"\xFF\"", "no UTF-8"},
  };
  for (const Broken& broken : cases) {
    const auto value = ParseJson(broken.text);
    ASSERT_FALSE(value.ok()) << broken.text;
    EXPECT_NE(value.error().message().find(broken.message), std::string::npos)
        << broken.text << " gave " << value.error().message();
  }
  EXPECT_FALSE(ParseJson(std::string_view("\"a\0\"", 4)).ok());
  EXPECT_FALSE(ParseJson(std::string_view("\0", 1)).ok());
}

TEST(JsonValueTest, LimitsAreKept) {
  JsonLimits limits;
  limits.depth_max = 3;
  EXPECT_OK(ParseJson("[[[1]]]", limits));
  EXPECT_FALSE(ParseJson("[[[[1]]]]", limits).ok());
  EXPECT_FALSE(ParseJson(std::string(1000000, '[')).ok());
  limits.values_max = 4;
  EXPECT_OK(ParseJson("[1,2,3]", limits));
  EXPECT_FALSE(ParseJson("[1,2,3,4]", limits).ok());
  limits.bytes_max = 6;
  EXPECT_FALSE(ParseJson("[1,2,3]", limits).ok());
}

TEST(JsonValueTest, EveryPrefixOfADocumentIsRefused) {
  const std::string text = R"({"a":[1,2.5e3,"\u00e9x"],"b":{"c":null,"d":true}})";
  ASSERT_OK(ParseJson(text));
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseJson(std::string_view(text).substr(0, size)).ok()) << size;
  }
}

TEST(JsonValueTest, ReadsBackWhatTheWriterWrote) {
  for (uint64_t i = 0; i < 2000; ++i) {
    const uint64_t bits = RandomBits(11, i);
    double number;
    std::memcpy(&number, &bits, sizeof(number));
    std::string text;
    for (int b = 0; b < 8; ++b) text += static_cast<char>(bits >> (8 * b) & 0x7F);
    JsonWriter json(i % 2 == 0 ? JsonStyle::kCompact : JsonStyle::kIndented);
    json.BeginObject().Field(text, number).Field("i", static_cast<int64_t>(bits)).EndObject();
    const auto value = ParseJson(json.Take());
    ASSERT_OK(value);
    EXPECT_EQ(value->object()->front().name, text);
    EXPECT_EQ(value->IntegerOr("i", 0), static_cast<int64_t>(bits));
    if (std::isfinite(number)) {
      EXPECT_EQ(value->object()->front().value.number(), number);
    } else {
      EXPECT_TRUE(value->object()->front().value.is_null());
    }
  }
}

}  // namespace
}  // namespace primacy
