// Hand-made texts through the whole converter: features, labels, bad rows, mistakes of the user.
#include "tools/convert/convert.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "tests/tools/convert/convert_support.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Keys;
using testing_support::TextConversion;
using testing_support::WriteText;

constexpr char kSmallSpec[] = R"(
  slot { column: "a" }
  label { column: "y" }
  split { by: NONE }
)";

TEST(ConvertTest, MapsEveryKindOfFeature) {
  TextConversion conversion(R"(
    slot { column: "city" group: "place" }
    slot { name: "home" column: "home_city" group: "place" missing: "none" }
    slot { name: "tags" column: "tags" value_separator: "|" missing: "-" }
    slot { name: "history" column: "h1..h3" missing: "0" }
    slot { name: "cross" column: "city" column: "h1" combine: CROSS }
    slot { name: "each_" column: "h1..h2" combine: EACH }
    slot { name: "hour" column: "time" substring { begin: 11 length: 2 } }
    slot { name: "price_log" column: "price" bucket { log_factor: 2 } }
    slot { name: "price_step" column: "price" bucket { boundary: [1, 100] } }
    dense { column: "price" transform: LOG1P subtract: 1 divide_by: 2 fill: 0.25 }
    dense { name: "n_" column: "h1..h2" }
    label { column: "y" }
    weight: "w"
    group_id: "city"
    row_number_as_id: true
    timestamp: "stamp"
    split { by: NONE }
  )",
                            "city,home_city,tags,h1,h2,h3,time,price,y,w,stamp\r\n"
                            "Rome , none,a|b|-||c,5,0,7,2022-04-10 08:59:09,99,1,0.5,-3.5\r\n"
                            "\"Rome\",\"Paris, \"\"Texas\"\"\",,0,0,0,,,0,2,1649581149287\r\n");
  const auto report = conversion.Run();
  ASSERT_OK(report);
  const LogBlock train = conversion.Train();
  ASSERT_EQ(train.rows, 2u);
  EXPECT_EQ(train.slots[0].keys, Keys({"Rome", "Rome"}));
  EXPECT_EQ(train.slots[1].keys, Keys({"", "Paris, \"Texas\""}));
  EXPECT_EQ(train.slots[2].keys, Keys({"a", "b", "c"}));
  EXPECT_THAT(train.slots[2].offsets, ElementsAre(0, 3, 3));
  EXPECT_EQ(train.slots[3].keys, Keys({"5", "7"}));
  EXPECT_THAT(train.slots[3].offsets, ElementsAre(0, 2, 2));
  EXPECT_EQ(train.slots[4].keys, Keys({"Rome\x1f"
                                       "5",
                                       "Rome\x1f"
                                       "0"}));
  EXPECT_EQ(report->schema.slot(5).name(), "each_h1");
  EXPECT_EQ(train.slots[5].keys, Keys({"5", "0"}));
  EXPECT_EQ(train.slots[6].keys, Keys({"0", "0"}));
  EXPECT_EQ(train.slots[7].keys, Keys({"08", ""}));
  EXPECT_EQ(train.slots[8].keys, Keys({"9", ""}));  // 2 ln 100 = 9.21
  EXPECT_EQ(train.slots[9].keys, Keys({"1", ""}));
  EXPECT_EQ(report->schema.slot(0).group(), "place");
  ASSERT_EQ(train.dense.size(), 3u);
  EXPECT_FLOAT_EQ(train.dense[0][0], static_cast<float>((std::log(100.0) - 1) / 2));
  EXPECT_FLOAT_EQ(train.dense[0][1], 0.25f);
  EXPECT_THAT(train.dense[1], ElementsAre(5, 0));
  EXPECT_EQ(report->schema.dense(2).name(), "n_h2");
  EXPECT_THAT(train.labels, ElementsAre(1, 0));
  EXPECT_THAT(train.weights, ElementsAre(0.5f, 2));
  EXPECT_EQ(train.group_ids, Keys({"Rome", "Rome"}));
  EXPECT_THAT(train.row_ids, ElementsAre(1, 2));
  EXPECT_THAT(train.timestamps, ElementsAre(-4, 1649581149287));
  EXPECT_EQ(report->train_rows, 2u);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir + "/test"));
  EXPECT_TRUE(std::filesystem::exists(conversion.options.out_dir + "/convert.txt"));
}

TEST(ConvertTest, SelectsFieldsOfTokens) {
  TextConversion conversion(R"(
    source { header: false name: ["id", "y", "features"] separator: "\t" quoting: NONE }
    slot { name: "user" column: "features" value_separator: ";" field: "u" id_end: "@" }
    slot { name: "items" column: "features" value_separator: ";" field: "i" id_end: "@"
           multi_valued: true }
    slot { name: "again" column: "features" value_separator: ";" field: "i" id_end: "@"
           multi_valued: true }
    label { column: "y" }
    row_id: "id"
    bad_row_share_max: 0.5
    split { by: NONE }
  )",
                            "18446744073709551615\t1\tu:7@1.0;i:1@0.5;i:2;x:9;junk\n"
                            "abc\t0\ti:3\n"
                            "3\t0\tu:1;u:2\n");
  const auto report = conversion.Run();
  ASSERT_OK(report);
  const LogBlock train = conversion.Train();
  EXPECT_EQ(train.slots[0].keys, Keys({"7", ""}));
  EXPECT_EQ(train.slots[1].keys, Keys({"1", "2", "3"}));
  EXPECT_THAT(train.slots[1].offsets, ElementsAre(0, 2, 3));
  EXPECT_EQ(train.slots[2].keys, train.slots[1].keys);
  EXPECT_THAT(train.row_ids, ElementsAre(UINT64_MAX, HashBytes("abc")));
  EXPECT_EQ(report->bad_by_reason.at("several values in a single-valued slot"), 1u);
}

TEST(ConvertTest, LabelsMayBeAbsent) {
  TextConversion conversion(R"(
    slot { column: "a" }
    label { name: "click" column: "c" }
    label { name: "buy" column: "b" present_if { column: "c" op: "==" number: 1 } }
    label { name: "finish" is { column: "p" op: ">=" other_column: "d" }
                           is { column: "d" op: ">" number: 0 } }
    missing: "NA"
    split { by: NONE }
  )",
                            "a,c,b,p,d\n"
                            "x,1,1,5,5\n"
                            "x,0,1,0,0\n"
                            "x,NA,1,NA,7\n");
  const auto report = conversion.Run();
  ASSERT_OK(report);
  const LogBlock train = conversion.Train();
  EXPECT_THAT(train.labels, ElementsAre(1, 1, 1, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(train.masks, ElementsAre(1, 1, 1, 1, 0, 1, 0, 0, 0));
  EXPECT_EQ(report->labels[0].present, 2u);
  EXPECT_EQ(report->labels[1].present, 1u);
  EXPECT_EQ(report->labels[1].positive, 1u);
}

TEST(ConvertTest, JoinsSideFilesByKey) {
  TextConversion conversion(R"(
    join { file: "users.tsv" key: "id" on: "user" columns: "age..town" prefix: "user_"
           source { separator: "\t" } }
    join { file: "towns.csv" key: "#0" on: "user_town" columns: "country"
           source { header: false name: ["town", "country"] } }
    slot { column: "user_age" bucket { width: 10 } }
    slot { column: "country" }
    label { column: "y" }
    split { by: NONE }
  )",
                            "user,y\n1,0\n2,1\n9,1\n");
  WriteText(conversion.dir / "users.tsv", "id\tage\ttown\n1\t34\tRome\n2\t\tOslo\n");
  WriteText(conversion.dir / "towns.csv", "Rome,Italy\nParis,France\n");
  const auto report = conversion.Run();
  ASSERT_OK(report);
  const LogBlock train = conversion.Train();
  EXPECT_EQ(train.slots[0].keys, Keys({"3", "", ""}));
  EXPECT_EQ(train.slots[1].keys, Keys({"Italy", "", ""}));
  ASSERT_EQ(report->joins.size(), 2u);
  EXPECT_EQ(report->joins[0].keys, 2u);
  EXPECT_EQ(report->joins[0].misses, 1u);
  EXPECT_EQ(report->joins[1].misses, 2u);
}

TEST(ConvertTest, RefusesSideFilesThatAreWrong) {
  TextConversion conversion(R"(
    join { file: "side.csv" key: "id" columns: "v" }
    slot { column: "v" }
    label { column: "y" }
    split { by: NONE }
  )",
                            "id,y\n1,0\n");
  const auto message = [&] { return conversion.Run().error().message(); };
  EXPECT_THAT(message(), HasSubstr("side.csv"));
  WriteText(conversion.dir / "side.csv", "id,v\n1,a\n1,b\n");
  EXPECT_THAT(message(), HasSubstr("side.csv:3: the key \"1\" is there twice"));
  WriteText(conversion.dir / "side.csv", "id,v\n1,a,b\n");
  EXPECT_THAT(message(), HasSubstr("side.csv:2: bad row"));
  WriteText(conversion.dir / "side.csv", "id,w\n1,a\n");
  EXPECT_THAT(message(), HasSubstr("unknown column \"v\""));
}

TEST(ConvertTest, OtherColumnsBecomeSlotsOrErrors) {
  TextConversion conversion(R"(
    slot { column: "a" }
    label { column: "y" }
    ignore: "secret"
    other_columns: CATEGORICAL
    split { by: NONE }
  )",
                            "a,y,b,secret,c\n1,0,2,3,4\n");
  const auto report = conversion.Run();
  ASSERT_OK(report);
  ASSERT_EQ(report->schema.slot_size(), 3);
  EXPECT_EQ(report->schema.slot(2).name(), "c");
  EXPECT_EQ(conversion.Train().slots[2].keys, Keys({"4"}));

  TextConversion refusing(std::string(kSmallSpec) + "other_columns: REFUSE", "a,y,b\n1,0,2\n");
  EXPECT_THAT(refusing.Run().error().message(), HasSubstr("column \"b\""));
}

TEST(ConvertTest, CountsAndShowsBadRows) {
  TextConversion conversion(R"(
    source { record_bytes_max: 40 }
    slot { column: "a" }
    dense { column: "x" }
    label { column: "y" }
    bad_row_share_max: 0.8
    split { by: NONE }
  )",
                            "a,x,y\n"
                            "1,2,0\n"
                            "1,2\n"
                            "1,two,0\n"
                            "1,2,yes\n"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,1,0\n"
                            "1,\"2\"2,0\n"
                            "2,3,1\n"
                            "1,2,\"0\n");
  conversion.options.bad_rows_shown = 2;
  const auto report = conversion.Run();
  ASSERT_OK(report);
  EXPECT_EQ(report->rows_read, 8u);
  EXPECT_EQ(report->bad_rows, 6u);
  EXPECT_EQ(report->train_rows, 2u);
  EXPECT_EQ(report->bad_by_reason.at("wrong number of columns"), 1u);
  EXPECT_EQ(report->bad_by_reason.at("not a number"), 2u);
  EXPECT_EQ(report->bad_by_reason.at("record too long"), 1u);
  EXPECT_EQ(report->bad_by_reason.at("text behind a closing quote"), 1u);
  EXPECT_EQ(report->bad_by_reason.at("unterminated quote"), 1u);
  ASSERT_EQ(report->bad_examples.size(), 2u);
  EXPECT_THAT(report->bad_examples[0], HasSubstr("input.csv:3: wrong number of columns: 2"));
  EXPECT_THAT(report->bad_examples[1], HasSubstr("input.csv:4: not a number: dense x: \"two\""));
  EXPECT_THAT(testing_support::WriteText(conversion.dir / "r", DescribeReport(*report)),
              testing::Not(testing::IsEmpty()));
}

TEST(ConvertTest, FailsBeyondTheShareOfBadRowsAndLeavesNothing) {
  std::string csv = "a,y\n";
  for (int i = 0; i < 98; ++i) csv += "1,0\n";
  TextConversion conversion(kSmallSpec, csv + "bad\nworse\n");
  const auto report = conversion.Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(report.error().message(), HasSubstr("2 of 100 rows are bad"));
  EXPECT_THAT(report.error().message(), HasSubstr("input.csv:100: wrong number of columns"));
  // Only what the test put there.
  for (const auto& entry : std::filesystem::directory_iterator(conversion.dir.path())) {
    EXPECT_TRUE(entry.path().filename() == "convert.txt" || entry.path().filename() == "input.csv")
        << entry.path();
  }
  // One bad row of a hundred is just within the limit.
  TextConversion within(kSmallSpec, csv + "1,0\nworse\n");
  EXPECT_OK(within.Run());
}

TEST(ConvertTest, ReadsStandardInputAndSeveralFiles) {
  TextConversion conversion(kSmallSpec, "a,y\n1,0\n");
  const std::string piped = WriteText(conversion.dir / "piped", "a,y\n2,1\n");
  conversion.options.inputs.emplace_back("-");
  conversion.options.stdin_fd = ::open(piped.c_str(), O_RDONLY);
  const auto report = conversion.Run();
  ::close(conversion.options.stdin_fd);
  ASSERT_OK(report);
  EXPECT_EQ(conversion.Train().slots[0].keys, Keys({"1", "2"}));
}

TEST(ConvertTest, StopsWhenAskedTo) {
  std::string csv = "a,y\n";
  for (int i = 0; i < 140000; ++i) csv += "1,0\n";
  TextConversion conversion(kSmallSpec, csv);
  uint64_t seen = 0;
  conversion.options.progress = [&](const ConvertProgress& progress) {
    seen = progress.rows;
    return false;
  };
  EXPECT_FALSE(conversion.Run().ok());
  EXPECT_GE(seen, 100000u);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir));
}

struct Mistake {
  std::string spec;
  std::string csv;
  std::string message;
};

class ConvertMistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(ConvertMistakeTest, IsNamed) {
  TextConversion conversion(GetParam().spec, GetParam().csv);
  const auto report = conversion.Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind(), ErrorKind::kUsage) << report.error().message();
  EXPECT_THAT(report.error().message(), HasSubstr(GetParam().message));
  EXPECT_EQ(report.error().message().find('\n'), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(conversion.options.out_dir));
}

const std::string kSlot = "slot { column: 'a' } ";
const std::string kLabel = "label { column: 'y' } ";
const std::string kCsv = "a,y\n1,0\n";

INSTANTIATE_TEST_SUITE_P(
    Specs, ConvertMistakeTest,
    testing::Values(
        Mistake{kSlot + "\n\nlable { column: 'y' }", kCsv, "line 3, column 7"},
        Mistake{kSlot + "label { column: 'z' }", kCsv, "label: unknown column \"z\""},
        Mistake{"slot { column: 'b' }" + kLabel, kCsv, "slot: unknown column \"b\""},
        Mistake{kSlot, kCsv, "there is no label"}, Mistake{kLabel, kCsv, "there is no feature"},
        Mistake{kSlot + kSlot + kLabel, kCsv, "a"},
        Mistake{kSlot + kLabel + "source { separator: '::' }", kCsv, "source.separator"},
        Mistake{kSlot + kLabel + "split { by: TIME }", kCsv, "needs a timestamp"},
        Mistake{kSlot + kLabel + "split { train_share: 0.9 }", kCsv, "must sum to 1"},
        Mistake{kSlot + kLabel + "split { hash_of: GROUP_ID }", kCsv, "needs group_id"},
        Mistake{kSlot + kLabel + "split { by: ORDER }", kCsv, "no row falls into the train"},
        Mistake{kSlot + "label { name: 'l' is { column: 'y' op: '=>' number: 1 } }", kCsv,
                "must be one of"},
        Mistake{kSlot + "label { name: 'l' is { column: 'y' op: '>' } }", kCsv,
                "needs one of number"},
        Mistake{"slot { column: 'a' bucket { width: 1 log_factor: 2 } }" + kLabel, kCsv,
                "exactly one of"},
        Mistake{"slot { column: 'a' bucket { boundary: [2, 1] } }" + kLabel, kCsv, "must rise"},
        Mistake{"slot { column: 'a' column: 'y' }" + kLabel, kCsv, "needs a name"},
        Mistake{kSlot + kLabel + "source { header: false columns: 3 }", kCsv,
                "has 2 columns, not 3"},
        Mistake{kSlot + kLabel, "", "is empty"}));

TEST(ConvertUsageTest, FilesAndDirectories) {
  TextConversion conversion(kSmallSpec, kCsv);
  const auto message = [](const ConvertOptions& options) {
    const auto report = Convert(options);
    CHECK(!report.ok());
    EXPECT_EQ(report.error().kind(), ErrorKind::kUsage);
    return report.error().message();
  };
  ConvertOptions options = conversion.options;
  options.inputs.push_back(conversion.dir / "missing.csv");
  EXPECT_THAT(message(options), HasSubstr("missing.csv is not there"));
  options.inputs = {"-", "-"};
  EXPECT_THAT(message(options), HasSubstr("given once"));
  options = conversion.options;
  options.schema_file = conversion.dir / "missing.txt";
  EXPECT_THAT(message(options), HasSubstr("missing.txt"));
  options = conversion.options;
  options.parts = 0;
  EXPECT_THAT(message(options), HasSubstr("parts"));
  options = conversion.options;
  options.out_dir = conversion.dir.path();
  EXPECT_THAT(message(options), HasSubstr("is not empty"));
  options = conversion.options;
  options.inputs.push_back(WriteText(conversion.dir / "other.csv", "y,a\n0,1\n"));
  EXPECT_THAT(message(options), HasSubstr("other.csv: its columns differ"));
  // An empty directory is fine, also with a slash behind it.
  std::filesystem::create_directory(conversion.options.out_dir);
  options = conversion.options;
  options.out_dir += "/";
  EXPECT_OK(Convert(options));
}

}  // namespace
}  // namespace primacy
