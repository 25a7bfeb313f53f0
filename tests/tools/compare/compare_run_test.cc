// Compare on a tiny log: whole trainings in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "tools/compare/compare.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::TempDir;
using testing_support::TinyJob;
using testing_support::TinyLogOptions;

namespace fs = std::filesystem;

class CompareRunTest : public testing::Test {
 protected:
  CompareRunTest() {
    TinyLogOptions log;
    log.train_rows = 1200;
    log.holdout_rows = 300;
    log.test_rows = 300;
    testing_support::WriteTinyLog(dir_ / "log", log);
    options_.job =
        TinyJob(dir_ / "log", {"training.passes_max=1", "training.evaluations_per_pass=1"});
    options_.seeds = 2;
    options_.run_dir = dir_ / "compare";
    options_.progress = [this](const std::string& training) { trained_.push_back(training); };
    Methods("single,weighted:4:2:1,nmt");
  }

  void Methods(const std::string& text) {
    const auto methods = ParseMethods(text, options_.job);
    CHECK(methods.ok()) << methods.error().trace();
    options_.methods = *methods;
  }

  std::map<std::string, fs::file_time_type> Reports() const {
    std::map<std::string, fs::file_time_type> times;
    for (const auto& entry : fs::recursive_directory_iterator(options_.run_dir)) {
      if (entry.path().filename() == "report.json") times[entry.path()] = entry.last_write_time();
    }
    return times;
  }

  TempDir dir_;
  CompareOptions options_;
  std::vector<std::string> trained_;
};

TEST_F(CompareRunTest, TrainsOnceAndReadsTheReports) {
  const auto first = Compare(options_);
  ASSERT_OK(first);
  EXPECT_EQ(trained_.size(), 10u);
  EXPECT_EQ(trained_[0], "single_like, seed 7");
  const auto reports = Reports();
  ASSERT_EQ(reports.size(), 10u);

  trained_.clear();
  const auto second = Compare(options_);
  ASSERT_OK(second);
  EXPECT_TRUE(trained_.empty());
  EXPECT_EQ(Reports(), reports);
  EXPECT_EQ(ComparisonJson(*second), ComparisonJson(*first));

  // A training that is missing is made up for, and nothing else.
  fs::remove(options_.run_dir + "/nmt/seed-8/report.json");
  ASSERT_OK(Compare(options_));
  EXPECT_THAT(trained_, testing::ElementsAre("nmt, seed 8"));

  // The figures are the reports', task by task and seed by seed.
  ASSERT_EQ(first->methods.size(), 3u);
  EXPECT_EQ(first->single, 0);
  EXPECT_EQ(first->nmt, 2);
  const JsonValue nmt = testing_support::Report(options_.run_dir + "/nmt/seed-8");
  const JsonValue view = testing_support::Report(options_.run_dir + "/single_view/seed-7");
  EXPECT_EQ(first->methods[2].tasks[0].test[1],
            nmt.Find("final")->Find("like")->Find("test")->NumberOr("auc", -1));
  EXPECT_EQ(first->methods[0].tasks[1].holdout[0],
            view.Find("final")->Find("view")->Find("holdout")->NumberOr("auc", -1));
  EXPECT_EQ(first->methods[2].row_passes[1], nmt.NumberOr("row_passes", -1));
  EXPECT_FALSE(fs::exists(options_.run_dir + "/nmt/seed-7/checkpoints"));

  // Another job must not pass for the one that was trained.
  options_.job.mutable_training()->set_batch_rows(100);
  const auto other = Compare(options_);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(other.error().message(), HasSubstr("another job"));
}

TEST_F(CompareRunTest, SingleAlone) {
  options_.seeds = 1;
  Methods("single");
  const auto comparison = Compare(options_);
  ASSERT_OK(comparison);
  EXPECT_EQ(trained_.size(), 3u);
  EXPECT_EQ(comparison->nmt, -1);
  EXPECT_EQ(comparison->chosen, -1);
  for (const TaskFigures& task : comparison->methods[0].tasks) EXPECT_EQ(task.test.size(), 1u);
}

TEST_F(CompareRunTest, AFailedTrainingNamesItself) {
  fs::remove_all(dir_ / "log/holdout");
  Methods("weighted:1:2:4");
  const auto comparison = Compare(options_);
  ASSERT_FALSE(comparison.ok());
  EXPECT_EQ(comparison.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(comparison.error().message(), HasSubstr("weighted_1_2_4, seed 7: "));
  EXPECT_THAT(comparison.error().message(), HasSubstr("log/holdout"));
}

}  // namespace
}  // namespace primacy
