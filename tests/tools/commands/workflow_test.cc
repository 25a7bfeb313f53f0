// The commands of `primacy` one after the other on tiny logs, as a person would use them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/tools/commands/command_runner.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::Ended;
using testing_support::LineCount;
using testing_support::ReadText;
using testing_support::RunPrimacy;
using testing_support::TempDir;
using testing_support::WriteText;

using Words = std::vector<std::string>;

// Exit 0 and nothing on the error output.
std::string Quietly(const Words& arguments) {
  SCOPED_TRACE(testing::PrintToString(arguments));
  const Ended ended = RunPrimacy(arguments);
  EXPECT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  return ended.out;
}

bool Exists(const std::string& path) { return std::filesystem::exists(path); }

TEST(WorkflowTest, FromGeneratedLogToScores) {
  const TempDir dir;
  const std::string log = dir / "log", run = dir / "run";
  Quietly({"generate", "--out=" + log, "--rows=3000", "--users", "100", "--items=50", "--seed=5"});
  for (const char* name : {"train/part-00000.clog", "holdout/part-00000.clog",
                           "test/part-00000.clog", "job.txt", "truth.txt"}) {
    EXPECT_TRUE(Exists(log + "/" + name)) << name;
  }
  EXPECT_THAT(Quietly({"check", "--job=" + log + "/job.txt"}), HasSubstr("the job is fine"));
  EXPECT_THAT(Quietly({"inspect", log}), HasSubstr("like"));

  const Words train = {"train",
                       "--job=" + log + "/job.txt",
                       "--run_dir=" + run,
                       "--launcher=local",
                       "--set=training.passes_max=2",
                       "--set",
                       "training.evaluations_per_pass=1"};
  const Ended trained = RunPrimacy(train);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Result<JsonValue> report = ParseJson(ReadText(run + "/report.json"));
  ASSERT_OK(report);
  const Ended again = RunPrimacy(train);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(LineCount(again.err), 1) << again.err;
  EXPECT_THAT(again.err, HasSubstr("--resume"));

  const std::string checkpoint = "--checkpoint=" + run;
  EXPECT_THAT(Quietly({"eval", checkpoint}), HasSubstr("AUC"));
  const Result<JsonValue> metrics =
      ParseJson(Quietly({"eval", checkpoint, "--json", "--workers=2"}));
  ASSERT_OK(metrics);
  for (const char* task : {"like", "click", "stay"}) {
    const JsonValue* reported = report->Find("final")->Find(task)->Find("test");
    const JsonValue* evaluated = metrics->Find("tasks")->Find(task);
    ASSERT_TRUE(reported != nullptr && evaluated != nullptr) << task;
    EXPECT_EQ(evaluated->NumberOr("auc", -1), reported->NumberOr("auc", -2)) << task;
  }
  Quietly({"predict", checkpoint, "--out=" + (dir / "scores.csv"), "--slice=holdout"});
  EXPECT_EQ(LineCount(ReadText(dir / "scores.csv")), 301);
  EXPECT_FALSE(Exists(dir / "scores.csv.parts"));
  Quietly({"export", checkpoint, "--out=" + (dir / "arrays")});
  EXPECT_FALSE(std::filesystem::is_empty(dir / "arrays"));
  EXPECT_THAT(Quietly({"inspect", "--verify", run}), HasSubstr("digest"));
  ASSERT_OK(ParseJson(Quietly({"inspect", run, "--json"})));
}

TEST(WorkflowTest, FromTextToACheckedJob) {
  const TempDir dir;
  std::string text = "user,item,price,click,time\n";
  for (int i = 0; i < 200; ++i) {
    text += Format("u%d,i%d,%d,%d,%d\n", i % 7, i % 11, i, i % 3 == 0, 1000 + i);
  }
  WriteText(dir / "in.csv", text);
  WriteText(dir / "convert.txt",
            "slot { column: 'user' } slot { column: 'item' } dense { column: 'price' } "
            "label { column: 'click' } timestamp: 'time' split { by: TIME }");
  const std::string report = Quietly({"convert", "--schema=" + (dir / "convert.txt"),
                                      "--input=" + (dir / "in.csv"), "--out=" + (dir / "log")});
  EXPECT_THAT(report, HasSubstr("200"));
  WriteText(dir / "log/job.txt", "data { log: '.' } task { name: 'click' }");
  EXPECT_THAT(Quietly({"check", "--job=" + (dir / "log/job.txt")}), HasSubstr("the job is fine"));
}

TEST(WorkflowTest, CompareLeavesTableJsonPlotsAndPage) {
  const TempDir dir;
  const std::string log = dir / "log", run = dir / "compare";
  Quietly({"generate", "--out=" + log, "--rows=2000", "--tasks=2"});
  Words compare = {"compare",
                   "--job=" + log + "/job.txt",
                   "--methods=nmt,ratio:2",
                   "--seeds=1",
                   "--jobs=1",
                   "--run_dir=" + run,
                   "--set=training.passes_max=1",
                   "--set=training.evaluations_per_pass=1"};
  const Ended ended = RunPrimacy(compare);
  ASSERT_EQ(ended.exit_code, 0) << ended.err;
  EXPECT_THAT(ended.err, StartsWith("0 of 2 trainings done: shared_bottom/weighted_2_1, seed 1\n"));
  EXPECT_THAT(ended.err, HasSubstr("2 of 2 trainings done\n"));
  const std::string table = ReadText(run + "/compare.txt");
  EXPECT_THAT(table, HasSubstr("weighted 2:1"));
  EXPECT_THAT(ended.out, StartsWith(table + "\n" + run + "/compare.html"));
  ASSERT_OK(ParseJson(ReadText(run + "/compare.json")));
  EXPECT_THAT(ReadText(run + "/plots/shared_bottom-pareto.svg"), HasSubstr("</svg>"));
  EXPECT_THAT(ReadText(run + "/compare.html"), HasSubstr("</html>"));

  const Ended again = RunPrimacy(compare);
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(LineCount(again.err), 1) << again.err;
  EXPECT_THAT(again.err, HasSubstr("--resume"));
  compare.emplace_back("--resume");
  const Ended resumed = RunPrimacy(compare);
  EXPECT_EQ(resumed.exit_code, 0);
  EXPECT_EQ(resumed.err, "");
  EXPECT_EQ(resumed.out, ended.out);

  compare.emplace_back("--models=shared_bottom,mmoe");
  const Ended extended = RunPrimacy(compare);
  ASSERT_EQ(extended.exit_code, 0) << extended.err;
  EXPECT_THAT(extended.err, StartsWith("2 of 4 trainings done"));
  EXPECT_THAT(extended.out, HasSubstr("test AUC, MMoE"));

  compare.emplace_back("--set=training.batch_rows=100");
  const Ended other = RunPrimacy(compare);
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(LineCount(other.err), 1) << other.err;
  EXPECT_THAT(other.err, HasSubstr("training.batch_rows: 512 -> 100"));
}

}  // namespace
}  // namespace primacy
