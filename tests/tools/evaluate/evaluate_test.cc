// A checkpoint against a log: the trained job's own figures, from any number of processes.
#include "tools/evaluate/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "common/base/atomic_file.h"
#include "common/base/strings.h"
#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "worker/metrics/metrics.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::NamesIn;
using testing_support::TempDir;
using testing_support::TinyJob;
using testing_support::TinyLogOptions;
using testing_support::TinyRow;

namespace fs = std::filesystem;

TinyLogOptions LogOptions() {
  TinyLogOptions options;
  options.train_rows = 1500;
  return options;
}

// One training for all tests.
class EvaluateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir;
    testing_support::WriteTinyLog(Log(), LogOptions());
    LocalJobOptions local;
    local.job.job = TinyJob(Log(), {"training.passes_max=1"});
    local.job.run_dir = RunDir();
    local.job.servers = 2;
    CHECK(MakeDirectories(RunDir()).ok());
    const auto outcome = RunLocalJob(local);
    CHECK(outcome.ok()) << outcome.error().trace();
  }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }

  static std::string Log() { return *dir_ / "log"; }
  static std::string RunDir() { return *dir_ / "run"; }
  static EvaluateOptions Options() {
    EvaluateOptions options;
    options.checkpoint = RunDir();
    return options;
  }
  static std::string MistakeOf(const EvaluateOptions& options) {
    const auto report = EvaluateCheckpoint(options);
    if (report.ok()) return "";
    EXPECT_EQ(report.error().kind(), ErrorKind::kUsage) << report.error().trace();
    EXPECT_EQ(report.error().message().find('\n'), std::string::npos);
    return report.error().message();
  }

  static TempDir* dir_;
};
TempDir* EvaluateTest::dir_ = nullptr;

// Every metric, bit for bit; not the seconds.
std::string Figures(const EvaluateResult& result) {
  EvaluateResult figures = result;
  figures.clear_seconds();
  return figures.DebugString();
}

void ExpectReported(const JsonValue& report, const std::string& slice,
                    const EvaluateResult& result) {
  ASSERT_EQ(result.task_size(), 3);
  for (const TaskMetrics& task : result.task()) {
    SCOPED_TRACE(task.task() + " " + slice);
    const JsonValue* reported = report.Find("final")->Find(task.task())->Find(slice);
    ASSERT_NE(reported, nullptr);
    EXPECT_EQ(reported->NumberOr("auc", -1), task.auc());
    EXPECT_EQ(reported->NumberOr("gauc", -1), task.gauc());
    EXPECT_EQ(reported->NumberOr("loss", -1), task.loss());
    EXPECT_EQ(reported->NumberOr("calibration", -1), task.calibration());
    EXPECT_EQ(reported->IntegerOr("rows", -1), task.rows());
  }
}

TEST_F(EvaluateTest, ScoresOnlyWhatWasTrained) {
  const testing_support::RunSpec single{
      *dir_ / "single", TinyJob(Log(), {"training.passes_max=1", "priority.method=SINGLE",
                                        "priority.single_task=view"})};
  ASSERT_OK(testing_support::RunJob(single));
  EvaluateOptions options = Options();
  options.checkpoint = single.dir;
  options.predictions = *dir_ / "single.csv";
  const Result<EvaluateReport> report = EvaluateCheckpoint(options);
  ASSERT_OK(report);
  EXPECT_FALSE(report->result.task(0).has_loss());
  EXPECT_TRUE(report->result.task(1).has_loss());
  std::ifstream in(options.predictions);
  std::string heading, row;
  std::getline(in, heading);
  std::getline(in, row);
  EXPECT_EQ(heading, "row_id,group_id,view");
  EXPECT_EQ(std::count(row.begin(), row.end(), ','), 2);
}

TEST_F(EvaluateTest, FindsWhatTheReportSays) {
  const JsonValue report = testing_support::Report(RunDir());
  EvaluateOptions options = Options();
  const auto test = EvaluateCheckpoint(options);
  ASSERT_OK(test);
  EXPECT_EQ(test->result.rows(), 400);
  EXPECT_THAT(test->generation, HasSubstr(RunDir() + "/checkpoints/gen-"));
  ExpectReported(report, "test", test->result);
  options.slice = "holdout";
  const auto holdout = EvaluateCheckpoint(options);
  ASSERT_OK(holdout);
  ExpectReported(report, "holdout", holdout->result);
}

TEST_F(EvaluateTest, NumbersOfProcessesDoNotMatter) {
  const auto expected = EvaluateCheckpoint(Options());
  ASSERT_OK(expected);
  for (int servers : {1, 3}) {
    for (int workers : {1, 2}) {
      EvaluateOptions options = Options();
      options.servers = servers;
      options.workers = workers;
      const auto report = EvaluateCheckpoint(options);
      ASSERT_OK(report);
      EXPECT_EQ(Figures(report->result), Figures(expected->result)) << servers << " " << workers;
    }
  }
}

TEST_F(EvaluateTest, EvaluationChangesNothing) {
  const std::string before = testing_support::NewestDigest(RunDir());
  ASSERT_OK(EvaluateCheckpoint(Options()));
  EXPECT_EQ(testing_support::NewestDigest(RunDir()), before);
}

TEST_F(EvaluateTest, AnotherLog) {
  TinyLogOptions log = LogOptions();
  testing_support::WriteTinySlice(*dir_ / "days", 5000, 200, log);
  EvaluateOptions options = Options();
  options.log = *dir_ / "days";
  options.slice = "";
  const auto report = EvaluateCheckpoint(options);
  ASSERT_OK(report);
  EXPECT_EQ(report->result.rows(), 200);
  options.log = Log() + "/test";
  const auto test = EvaluateCheckpoint(options);
  ASSERT_OK(test);
  ExpectReported(testing_support::Report(RunDir()), "test", test->result);
}

std::vector<std::string> ReadLines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(EvaluateTest, Predictions) {
  EvaluateOptions options = Options();
  options.predictions = *dir_ / "scores.csv";
  const auto report = EvaluateCheckpoint(options);
  ASSERT_OK(report);
  EXPECT_FALSE(fs::exists(options.predictions + ".parts"));
  std::vector<std::string> lines = ReadLines(options.predictions);
  ASSERT_EQ(lines.size(), 401u);
  EXPECT_EQ(lines[0], "row_id,group_id,like,view,click");

  const uint64_t first_row = LogOptions().train_rows + LogOptions().holdout_rows;
  std::vector<std::vector<float>> scores(3), labels(3), weights(3);
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto cells = Split(lines[i], ',');
    ASSERT_EQ(cells.size(), 5u) << lines[i];
    const LogRow row = TinyRow(first_row + i - 1, LogOptions());
    EXPECT_EQ(cells[0], std::to_string(row.row_id));
    EXPECT_EQ(cells[1], std::to_string(row.group_id));
    for (size_t t = 0; t < 3; ++t) {
      const std::optional<double> score = ParseDouble(cells[2 + t]);
      ASSERT_TRUE(score.has_value()) << lines[i];
      EXPECT_GT(*score, 0);
      EXPECT_LT(*score, 1);
      scores[t].push_back(static_cast<float>(*score));
      labels[t].push_back(row.labels[t]);
      weights[t].push_back(row.masks[t] == 0 ? 0 : row.weight);
    }
  }
  for (size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(Auc(scores[t], labels[t], weights[t]),
              report->result.task(static_cast<int>(t)).auc());
  }

  // Two workers write the same lines, in another order.
  options.workers = 2;
  options.predictions = *dir_ / "scores2.csv";
  ASSERT_OK(EvaluateCheckpoint(options));
  std::vector<std::string> by_two = ReadLines(options.predictions);
  ASSERT_EQ(by_two.size(), lines.size());
  EXPECT_EQ(by_two[0], lines[0]);
  std::sort(lines.begin(), lines.end());
  std::sort(by_two.begin(), by_two.end());
  EXPECT_EQ(by_two, lines);
}

TEST_F(EvaluateTest, PredictionsThatCannotBeWritten) {
  EvaluateOptions options = Options();
  options.predictions = *dir_ / "nowhere/scores.csv";
  const auto report = EvaluateCheckpoint(options);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error().message(), HasSubstr("nowhere/scores.csv"));
  EXPECT_FALSE(fs::exists(*dir_ / "nowhere"));
  options.predictions = *dir_ / "taken";
  fs::create_directory(options.predictions);
  ASSERT_FALSE(EvaluateCheckpoint(options).ok());
  EXPECT_FALSE(fs::exists(*dir_ / "taken.parts"));
}

TEST_F(EvaluateTest, NoCheckpoint) {
  EvaluateOptions options = Options();
  options.checkpoint = *dir_ / "gone";
  EXPECT_THAT(MistakeOf(options), HasSubstr(*dir_ / "gone"));
  options.checkpoint = Log();
  EXPECT_THAT(MistakeOf(options), HasSubstr(Log()));
}

TEST_F(EvaluateTest, CancelledItLeavesNothing) {
  fs::create_directory(*dir_ / "cancelled");
  EvaluateOptions options = Options();
  options.predictions = *dir_ / "cancelled/scores.csv";
  options.cancelled = [] { return true; };
  const auto report = EvaluateCheckpoint(options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message(), "cancelled");
  EXPECT_THAT(NamesIn(*dir_ / "cancelled"), testing::IsEmpty());
}

TEST_F(EvaluateTest, NoLog) {
  EvaluateOptions options = Options();
  options.log = *dir_ / "no-log";
  EXPECT_THAT(MistakeOf(options), HasSubstr(*dir_ / "no-log"));
  options = Options();
  options.slice = "tests";
  EXPECT_THAT(MistakeOf(options),
              HasSubstr("--slice must be train, holdout or test, is \"tests\""));
}

TEST_F(EvaluateTest, ALogOfOtherColumns) {
  LogSchema schema = testing_support::TinySchema();
  schema.mutable_label(1)->set_name("buy");
  CHECK(MakeDirectories(*dir_ / "other").ok());
  auto writer = LogPartWriter::Create(*dir_ / ("other/" + PartName(0)), schema, {});
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->AppendRow(TinyRow(0, LogOptions())));
  ASSERT_OK((*writer)->Finish());
  EvaluateOptions options = Options();
  options.log = *dir_ / "other";
  EXPECT_THAT(MistakeOf(options), HasSubstr("task[1].label: the log has no label 'view'"));
}

TEST_F(EvaluateTest, ADamagedCheckpoint) {
  const std::string copy = *dir_ / "damaged";
  fs::copy(testing_support::NewestDirectory(RunDir()), copy, fs::copy_options::recursive);
  for (const auto& entry : fs::directory_iterator(copy)) {
    if (entry.path().filename() == "MANIFEST") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(entry.file_size() / 2));
    const char byte = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put(static_cast<char>(byte ^ 0x10));
  }
  EvaluateOptions options = Options();
  options.checkpoint = copy;
  const auto report = EvaluateCheckpoint(options);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error().message(), HasSubstr(copy));
}

TEST_F(EvaluateTest, Table) {
  const auto report = EvaluateCheckpoint(Options());
  ASSERT_OK(report);
  const std::string table = FormatEvaluation(*report);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
  EXPECT_THAT(table, HasSubstr(Format("like             %10.4f", report->result.task(0).auc())));
}

}  // namespace
}  // namespace primacy
