#include "common/base/json.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "common/base/hash.h"

namespace primacy {
namespace {

TEST(JsonWriterTest, WritesNestedValuesCompactly) {
  JsonWriter json;
  json.BeginObject()
      .Field("step", 12)
      .Field("name", "nmt")
      .Field("kept", true)
      .Key("loss")
      .BeginArray();
  json.Value(0.25).Value(0.5f).Null().BeginObject().EndObject().BeginArray().EndArray().EndArray();
  json.Key("empty").BeginObject().EndObject().Field("last", false).EndObject();
  EXPECT_EQ(
      json.Take(),
      R"({"step":12,"name":"nmt","kept":true,"loss":[0.25,0.5,null,{},[]],"empty":{},"last":false})");
}

TEST(JsonWriterTest, IndentsByTwoSpaces) {
  JsonWriter json(JsonStyle::kIndented);
  json.BeginObject().Field("a", 1).Key("b").BeginArray().Value(1).Value(2).EndArray();
  json.Key("c").BeginArray().EndArray().EndObject();
  EXPECT_EQ(json.Take(), "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ],\n  \"c\": []\n}");
}

TEST(JsonWriterTest, TakeLeavesAnEmptyWriter) {
  JsonWriter json;
  json.Value("one");
  EXPECT_EQ(json.Take(), "\"one\"");
  json.Value(2);
  EXPECT_EQ(json.Take(), "2");
}

std::string Quoted(std::string_view text) {
  JsonWriter json;
  json.Value(text);
  return json.Take();
}

TEST(JsonWriterTest, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Quoted("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quoted("\n\r\t\b"), "\"\\n\\r\\t\\u0008\"");
  EXPECT_EQ(Quoted(std::string_view("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(Quoted("λ ≤ 3 😀"), "\"λ ≤ 3 😀\"");
}

TEST(JsonWriterTest, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Quoted("a\xFF"
                   "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(Quoted("\xC3"), "\"\xEF\xBF\xBD\"");                                  // cut off
  EXPECT_EQ(Quoted("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(Quoted("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
  EXPECT_EQ(Quoted("\xF4\x90\x80\x80").size(), 2 + 4 * 3);                        // past U+10FFFF
}

std::string Number(double number) {
  JsonWriter json;
  json.Value(number);
  return json.Take();
}

TEST(JsonWriterTest, NumbersAreShortestAndReadBackAsTheSameBits) {
  EXPECT_EQ(Number(0.1), "0.1");
  EXPECT_EQ(Number(1), "1");
  EXPECT_EQ(Number(-0.0), "-0");
  EXPECT_EQ(Number(1e300), "1e+300");
  EXPECT_EQ(Number(std::numeric_limits<double>::denorm_min()), "5e-324");
  for (uint64_t i = 0; i < 10000; ++i) {
    const uint64_t bits = RandomBits(7, i);
    const auto number = std::bit_cast<double>(bits);
    if (!std::isfinite(number)) continue;
    const std::string text = Number(number);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(std::bit_cast<uint64_t>(back), bits) << text;
  }
}

TEST(JsonWriterTest, FloatsAreShortestAsFloats) {
  JsonWriter json;
  json.Value(0.1f);
  EXPECT_EQ(json.Take(), "0.1");
}

TEST(JsonWriterTest, NotANumberIsNull) {
  EXPECT_EQ(Number(std::nan("")), "null");
  EXPECT_EQ(Number(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriterTest, IntegersKeepAllDigits) {
  JsonWriter json;
  json.BeginArray()
      .Value(std::numeric_limits<uint64_t>::max())
      .Value(std::numeric_limits<int64_t>::min());
  json.Value(static_cast<uint8_t>(200)).EndArray();
  EXPECT_EQ(json.Take(), "[18446744073709551615,-9223372036854775808,200]");
}

using JsonWriterDeathTest = testing::Test;

TEST(JsonWriterDeathTest, MisuseDies) {
  EXPECT_DEATH(JsonWriter().BeginObject().Value(1), "without a key");
  EXPECT_DEATH(JsonWriter().BeginArray().EndObject(), "unbalanced");
  EXPECT_DEATH(JsonWriter().BeginObject().Key("a").EndObject(), "unbalanced");
  EXPECT_DEATH(JsonWriter().BeginArray().Take(), "unfinished");
  EXPECT_DEATH(JsonWriter().Value(1).Value(2), "second value");
  EXPECT_DEATH(JsonWriter().BeginArray().Key("a"), "outside an object");
}

}  // namespace
}  // namespace primacy
