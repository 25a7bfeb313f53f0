#include "tools/inspect/inspect.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "common/base/atomic_file.h"
#include "common/base/json_value.h"
#include "common/clicklog/writer.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"
#include "tests/ps/checkpoint/sample_generation.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

namespace fs = std::filesystem;
using testing_support::SampleRows;
using testing_support::TempDir;
using testing_support::WriteSampleGeneration;

LogSchema SampleSchema() {
  LogSchema schema;
  schema.add_slot()->set_name("user");
  LogSchema::Slot* tags = schema.add_slot();
  tags->set_name("tags");
  tags->set_group("tag");
  tags->set_multi_valued(true);
  schema.add_dense()->set_name("age");
  schema.add_label()->set_name("click");
  schema.add_label()->set_name("buy");
  schema.set_has_timestamp(true);
  return schema;
}

// `rows` rows: two tags each, every second one clicked, the buy label only on clicked rows (and
// always 1).
void WriteLogPart(const std::string& path, uint64_t rows, uint64_t first = 0) {
  const LogSchema schema = SampleSchema();
  auto writer = *LogPartWriter::Create(path, schema, {.rows_per_block = 16});
  for (uint64_t i = first; i < first + rows; ++i) {
    LogRow row;
    row.slots = {{i}, {i % 3, i % 5}};
    row.dense = {1.5f};
    row.labels = {static_cast<float>(i % 2), static_cast<float>(i % 2)};
    row.masks = {1, static_cast<uint8_t>(i % 2)};
    row.timestamp = static_cast<int64_t>(1000 + i);
    ASSERT_OK(writer->AppendRow(row));
  }
  ASSERT_OK(writer->Finish());
}

void FlipByte(const std::string& path, size_t at) {
  std::FILE* file = std::fopen(path.c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::fseek(file, static_cast<long>(at), SEEK_SET);
  const int byte = std::fgetc(file);
  std::fseek(file, static_cast<long>(at), SEEK_SET);
  std::fputc(byte ^ 0x10, file);
  std::fclose(file);
}

JsonValue InspectJson(const std::string& path, bool verify) {
  const auto text = Inspect({.path = path, .verify = verify, .json = true});
  EXPECT_OK(text);
  if (!text.ok()) return JsonValue();
  const auto value = ParseJson(*text);
  EXPECT_OK(value);
  return value.ok() ? *value : JsonValue();
}

TEST(InspectTest, ALogPart) {
  const TempDir dir;
  WriteLogPart(dir / "part-00000.clog", 100);
  const JsonValue plain = InspectJson(dir / "part-00000.clog", false);
  EXPECT_EQ(plain.TextOr("kind", ""), "log_part");
  EXPECT_EQ(plain.IntegerOr("rows", 0), 100);
  EXPECT_EQ(plain.IntegerOr("blocks", 0), 7);
  EXPECT_EQ(plain.IntegerOr("file_bytes", 0),
            static_cast<int64_t>(fs::file_size(dir / "part-00000.clog")));
  EXPECT_EQ(plain.Find("timestamp_max"), nullptr);
  const JsonValue verified = InspectJson(dir / "part-00000.clog", true);
  EXPECT_TRUE(verified.BooleanOr("verified", false));
  EXPECT_EQ(verified.IntegerOr("timestamp_max", 0), 1099);
  const JsonValue::Array& slots = *verified.Find("slots")->array();
  EXPECT_EQ(slots[1].TextOr("group", ""), "tag");
  EXPECT_EQ(slots[1].NumberOr("keys_per_row", 0), 2.0);
  const JsonValue::Array& labels = *verified.Find("labels")->array();
  EXPECT_EQ(labels[0].NumberOr("mean", 0), 0.5);
  EXPECT_EQ(labels[1].IntegerOr("rows", 0), 50);
  EXPECT_EQ(labels[1].NumberOr("mean", 0), 1.0);
}

TEST(InspectTest, ALogDirectoryAndItsSlices) {
  const TempDir dir;
  for (const char* slice : {"train", "test"}) fs::create_directory(dir / slice);
  WriteLogPart(dir / "train/part-00000.clog", 100);
  WriteLogPart(dir / "train/part-00001.clog", 50, 100);
  WriteLogPart(dir / "test/part-00000.clog", 20);
  const JsonValue train = InspectJson(dir / "train", true);
  EXPECT_EQ(train.TextOr("kind", ""), "log_directory");
  EXPECT_EQ(train.IntegerOr("rows", 0), 150);
  EXPECT_EQ(train.Find("parts")->array()->size(), 2u);
  EXPECT_EQ(train.IntegerOr("timestamp_min", 0), 1000);
  EXPECT_EQ(train.IntegerOr("timestamp_max", 0), 1149);
  const JsonValue log = InspectJson(dir.path(), true);
  EXPECT_EQ(log.TextOr("kind", ""), "log");
  const JsonValue::Array& slices = *log.Find("slices")->array();
  ASSERT_EQ(slices.size(), 2u);
  EXPECT_EQ(slices[1].TextOr("slice", ""), "test");
  EXPECT_EQ(slices[1].IntegerOr("rows", 0), 20);
  EXPECT_EQ((*log.Find("labels")->array())[0].IntegerOr("rows", 0), 170);
}

TEST(InspectTest, VerifyFindsADamagedLog) {
  const TempDir dir;
  const std::string path = dir / "part-00000.clog";
  WriteLogPart(path, 100);
  FlipByte(path, fs::file_size(path) / 2);
  EXPECT_OK(Inspect({.path = path}));
  for (const std::string& what : {path, dir.path()}) {
    const auto damaged = Inspect({.path = what, .verify = true});
    ASSERT_FALSE(damaged.ok());
    EXPECT_NE(damaged.error().message().find(path), std::string::npos);
    EXPECT_EQ(damaged.error().kind(), ErrorKind::kFailure);
  }
}

TEST(InspectTest, AGenerationWithItsDigest) {
  const TempDir dir;
  const std::string directory = WriteSampleGeneration(dir.path(), 3, 2, SampleRows(500));
  const std::string digest = *GenerationDigest(directory);
  for (const std::string& path : {directory, directory + "/", directory + "/MANIFEST"}) {
    const JsonValue value = InspectJson(path, true);
    EXPECT_EQ(value.TextOr("kind", ""), "generation");
    EXPECT_EQ(value.TextOr("digest", ""), digest);
    EXPECT_EQ(value.IntegerOr("files", 0), 2);
    EXPECT_EQ(value.IntegerOr("rows", 0), 400);
    EXPECT_EQ(value.IntegerOr("step", 0), 77);
    const JsonValue::Array& tables = *value.Find("tables")->array();
    EXPECT_EQ(tables[1].IntegerOr("dim", 0), 8);
    EXPECT_EQ(tables[1].IntegerOr("rows", 0), 200);
    EXPECT_EQ(tables[1].IntegerOr("waiting", 0), 50);
    EXPECT_EQ(tables[1].IntegerOr("slots_per_row", 0), 8);
    EXPECT_EQ((*value.Find("tensors")->array())[0].IntegerOr("cols", 0), 60);
  }
  const JsonValue root = InspectJson(dir.path(), false);
  EXPECT_EQ(root.TextOr("kind", ""), "checkpoints");
  EXPECT_EQ(root.Find("checkpoint")->TextOr("digest", ""), digest);
  const auto text = Inspect({.path = directory});
  ASSERT_OK(text);
  EXPECT_NE(text->find("digest "), std::string::npos);
  EXPECT_NE(text->find(digest), std::string::npos);
}

TEST(InspectTest, TasksAreNamedFromTheJob) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir.path(), 1);
  Manifest manifest = testing_support::WriteSampleFiles(directory, 1, 1, SampleRows(1));
  manifest.set_job_text("name: \"demo\" task { name: \"pay\" } task { name: \"click\" }");
  JobState& state = *manifest.mutable_state();
  for (const double lambda : {1.5, 0.0}) state.add_lambda(lambda);
  for (const double bound : {0.25, 0.0}) state.add_bound(bound);
  for (const bool has : {true, false}) state.add_has_bound(has);
  ASSERT_OK(PublishGeneration(directory, manifest));
  const JsonValue value = InspectJson(directory, false);
  EXPECT_EQ(value.TextOr("job", ""), "demo");
  const JsonValue::Array& tasks = *value.Find("tasks")->array();
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_EQ(tasks[0].TextOr("task", ""), "pay");
  EXPECT_EQ(tasks[0].NumberOr("lambda", 0), 1.5);
  EXPECT_EQ(tasks[0].NumberOr("bound", 0), 0.25);
  EXPECT_TRUE(tasks[1].Find("bound")->is_null());
}

TEST(InspectTest, AJobOfAnotherVersionHidesOnlyItsNames) {
  const TempDir dir;
  const std::string directory = *BeginGeneration(dir.path(), 1);
  Manifest manifest = testing_support::WriteSampleFiles(directory, 1, 1, SampleRows(10));
  manifest.set_job_text("name: \"demo\" field_of_tomorrow: 3");
  ASSERT_OK(PublishGeneration(directory, manifest));
  const JsonValue value = InspectJson(directory, true);
  EXPECT_TRUE(value.Find("tasks")->array()->empty());
  EXPECT_EQ(value.IntegerOr("rows", 0), 8);
}

TEST(InspectTest, AShardFile) {
  const TempDir dir;
  const std::string directory = WriteSampleGeneration(dir.path(), 1, 2, SampleRows(500));
  const std::string path = directory + "/" + ShardFileName(ShardsOf(1, 2));
  const JsonValue value = InspectJson(path, true);
  EXPECT_EQ(value.TextOr("kind", ""), "shard_file");
  EXPECT_EQ(value.IntegerOr("first_shard", 0), 2048);
  FlipByte(path, 3000);
  const auto damaged = Inspect({.path = path, .verify = true});
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(damaged.error().message().find(path + ": block "), std::string::npos)
      << damaged.error().message();
}

TEST(InspectTest, ARun) {
  const TempDir dir;
  const std::string root = CheckpointRoot(dir.path());
  WriteSampleGeneration(root, 1, 1, SampleRows(10));
  const std::string last = WriteSampleGeneration(root, 2, 1, SampleRows(20));
  ASSERT_OK(WriteFileAtomically(
      dir / "report.json",
      std::string_view(
          R"({"name":"demo","finished":true,"seed":18446744073709551615,"rows":1000,"tasks":["a"],
      "stages":[{"name":"a","kept":true,"steps":10,"tasks":[{"task":"a"}]}],
      "final":{"a":{"holdout":{"auc":0.7,"loss":0.5},"test":{"auc":0.69,"gauc":null,"loss":0.51}}}})")));
  ASSERT_OK(WriteFileAtomically(
      dir / "events.jsonl",
      std::string_view("{\"time\":\"t1\",\"event\":\"evaluation\",\"step\":1}\n"
                       "{\"time\":\"t2\",\"event\":\"evaluation\",\"step\":2}\n"
                       "{\"time\":\"t3\",\"event\":\"finish\",\"step\":3}\n{\"time\":")));
  const JsonValue value = InspectJson(dir.path(), true);
  EXPECT_EQ(value.TextOr("kind", ""), "run");
  EXPECT_TRUE(value.Find("report")->BooleanOr("finished", false));
  EXPECT_EQ(value.Find("report")->Find("seed")->natural(), 18446744073709551615u);
  EXPECT_EQ((*value.Find("report")->Find("stages")->array())[0].IntegerOr("steps", 0), 10);
  const JsonValue& final = (*value.Find("report")->Find("final")->array())[0];
  EXPECT_EQ(final.NumberOr("test_auc", 0), 0.69);
  EXPECT_TRUE(final.Find("test_gauc")->is_null());
  EXPECT_EQ(value.Find("events")->IntegerOr("evaluation", 0), 2);
  EXPECT_EQ(value.Find("events")->IntegerOr("broken_lines", 0), 1);
  EXPECT_EQ(value.Find("last_event")->TextOr("event", ""), "finish");
  EXPECT_EQ(value.Find("generations")->array()->size(), 2u);
  EXPECT_EQ(value.Find("checkpoint")->TextOr("path", ""), last);
  EXPECT_EQ(value.Find("set_aside"), nullptr);
  FlipByte(last + "/" + ShardFileName(ShardsOf(0, 1)), 3000);
  const auto damaged = Inspect({.path = dir.path(), .verify = true});
  ASSERT_FALSE(damaged.ok());
  EXPECT_NE(damaged.error().message().find(last), std::string::npos) << damaged.error().message();
  ASSERT_OK(SetAside(root, 2));
  const JsonValue rest = InspectJson(dir.path(), true);
  ASSERT_NE(rest.Find("set_aside"), nullptr);
  EXPECT_EQ(*(*rest.Find("set_aside")->array())[0].text(), "gen-00000002.damaged");
  const auto text = Inspect({.path = dir.path()});
  ASSERT_OK(text);
  EXPECT_NE(text->find("18,446,744,073,709,551,615"), std::string::npos) << *text;
}

TEST(InspectTest, AYoungRunHasNeitherReportNorCheckpoint) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "events.jsonl", std::string_view("")));
  EXPECT_EQ(InspectJson(dir.path(), false).TextOr("kind", ""), "run");
}

TEST(InspectTest, WhatItDoesNotKnowIsTheUsersMistake) {
  const TempDir dir;
  ASSERT_OK(WriteFileAtomically(dir / "notes.txt", std::string_view("hello")));
  for (const std::string& path : {dir / "absent", dir / "notes.txt", dir.path()}) {
    const auto outcome = Inspect({.path = path});
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().kind(), ErrorKind::kUsage);
    EXPECT_NE(outcome.error().message().find(path), std::string::npos);
  }
  fs::create_directory(dir / "gen-00000001");
  const auto unfinished = Inspect({.path = dir / "gen-00000001"});
  ASSERT_FALSE(unfinished.ok());
  EXPECT_NE(unfinished.error().message().find("no MANIFEST"), std::string::npos);
  // A damaged magic under a known suffix: the reader says what is wrong.
  ASSERT_OK(WriteFileAtomically(dir / "part-00000.clog", std::string_view("hello")));
  EXPECT_EQ(Inspect({.path = dir / "part-00000.clog"}).error().kind(), ErrorKind::kFailure);
}

}  // namespace
}  // namespace primacy
