// `primacy bench` as a person runs it: fields of its records, and mistakes in one line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/json_value.h"
#include "tests/support/result_matchers.h"
#include "tests/tools/commands/command_runner.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::Ended;
using testing_support::ExpectMistake;
using testing_support::LineCount;
using testing_support::RunPrimacy;

using Words = std::vector<std::string>;

Words Small(Words words) {
  words.insert(words.end(), {"--json", "--runs=1"});
  words.insert(words.begin(), "bench");
  return words;
}

JsonValue OneRecord(const Words& words) {
  const Ended ended = RunPrimacy(Small(words));
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(LineCount(ended.out), 1) << ended.out;
  const Result<JsonValue> record = ParseJson(ended.out);
  EXPECT_OK(record);
  return record.ok() ? *record : JsonValue();
}

void ExpectRefused(const Words& words, const std::string& part) {
  ExpectMistake(Small(words), {part});
}

TEST(BenchCommand, StepInProcess) {
  const JsonValue record =
      OneRecord({"step", "--arrangement=process", "--model=mmoe", "--batch=32", "--single_slots=2",
                 "--dim=4", "--table_rows=500", "--seconds=0.01"});
  EXPECT_EQ(record.TextOr("name", ""), "step");
  EXPECT_EQ(record.TextOr("model", ""), "mmoe");
  EXPECT_EQ(record.TextOr("compute", ""), "FP32");
  EXPECT_EQ(record.NumberOr("batch", 0), 32);
  EXPECT_EQ(record.NumberOr("slots", 0), 2);
  EXPECT_EQ(record.NumberOr("dim", 0), 4);
  EXPECT_EQ(record.NumberOr("keys", 0), 32 * 12);
  EXPECT_GT(record.NumberOr("rows_per_s", 0), 0);
  EXPECT_GT(record.NumberOr("roofline_share", 0), 0);
}

TEST(BenchCommand, StepAsProcesses) {
  const JsonValue record = OneRecord({"step", "--arrangement=job", "--model=shared_bottom",
                                      "--batch=64", "--table_rows=500", "--log_rows=600",
                                      "--servers=1", "--workers=2", "--consistency=ssp"});
  EXPECT_EQ(record.TextOr("launcher", ""), "mpi");
  EXPECT_EQ(record.TextOr("consistency", ""), "SSP");
  EXPECT_EQ(record.NumberOr("servers", 0), 1);
  EXPECT_EQ(record.NumberOr("workers", 0), 2);
  EXPECT_GT(record.NumberOr("rows_per_s", 0), 0);
}

TEST(BenchCommand, TableAndCheckpoint) {
  EXPECT_EQ(OneRecord({"table", "--keys=1000", "--dim=4", "--seconds=0.01"}).NumberOr("keys", 0),
            1000);
  EXPECT_GT(OneRecord({"checkpoint", "--keys=1000", "--dim=4"}).NumberOr("mb", 0), 0);
}

TEST(BenchCommand, StepByMethod) {
  const Ended ended = RunPrimacy(
      Small({"step", "--arrangement=job", "--model=mmoe", "--batch=64", "--table_rows=500",
             "--log_rows=600", "--launcher=local", "--method=weighted,mgda"}));
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  ASSERT_EQ(LineCount(ended.out), 2) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("\"method\":\"MGDA\""));
}

TEST(BenchCommand, RowsThroughTheTransport) {
  const JsonValue record = OneRecord({"rows", "--batch=64", "--single_slots=2", "--table_rows=500",
                                      "--dim=4", "--seconds=0.01", "--wire=bf16"});
  EXPECT_EQ(record.TextOr("name", ""), "rows");
  EXPECT_EQ(record.TextOr("wire", ""), "BF16");
  EXPECT_EQ(record.NumberOr("batch", 0), 64);
  EXPECT_GT(record.NumberOr("push_rows_per_s", 0), 0);
}

TEST(BenchCommand, Mistakes) {
  ExpectRefused({"stairs"}, "'stairs'");
  ExpectRefused({"step", "table"}, "name one bench");
  ExpectRefused({"table", "--batch=3"}, "table does not read --batch");
  ExpectRefused({"table", "--set=training.seed=2"}, "table does not read --set");
  ExpectRefused({"checkpoint", "--keys=0"}, "--keys");
  ExpectRefused({"table", "--batch_keys=0"}, "--batch_keys");
  ExpectRefused({"step", "--model=ple"}, "--model");
  ExpectRefused({"step", "--arrangement=both"}, "--arrangement");
  ExpectRefused({"step", "--compute=fp16"}, "--compute");
  ExpectRefused({"step", "--wire=fp8"}, "--wire");
  ExpectRefused({"step", "--consistency=all"}, "--consistency");
  ExpectRefused({"step", "--launcher=ssh"}, "--launcher");
  ExpectRefused({"step", "--method=best"}, "--method");
  ExpectRefused({"step", "--arrangement=process", "--method=nmt"}, "--method");
  ExpectRefused({"rows", "--model=mmoe"}, "rows does not read --model");
  ExpectRefused({"rows", "--wire=fp8"}, "--wire");
  ExpectRefused({"step", "--batch=0"}, "--batch");
  ExpectRefused({"step", "--dim=0"}, "--dim");
  ExpectRefused({"step", "--workers=0"}, "--workers");
  ExpectRefused({"step", "--seconds=0"}, "--seconds");
  ExpectRefused({"step", "--arrangement=job", "--log_rows=3"}, "--log_rows");
}

}  // namespace
}  // namespace primacy
