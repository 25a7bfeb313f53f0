#include "common/config/job_config.h"

#include <gtest/gtest.h>

#include "common/base/atomic_file.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using testing_support::TempDir;

class LoadJobTest : public testing::Test {
 protected:
  // Loads `text` as DIR/mine.job.
  Result<Job> Load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    EXPECT_OK(WriteFileAtomically(path_, text));
    return LoadJob(path_, overrides);
  }

  const TempDir dir_;
  const std::string path_ = dir_ / "mine.job";
};

constexpr char kSmall[] = "data { log: \"log\" } task { name: \"click\" }";

TEST_F(LoadJobTest, ReadsChecksAndFills) {
  const auto job = Load(kSmall);
  ASSERT_OK(job);
  EXPECT_EQ(job->task(0).label(), "click");
  EXPECT_EQ(job->training().batch_rows(), 512);
  EXPECT_TRUE(job->runtime().has_port());
}

TEST_F(LoadJobTest, ARelativeLogIsTakenFromTheFilesFolder) {
  const auto folder_of_log = [&](const std::vector<std::string>& overrides) {
    const auto job = Load(kSmall, overrides);
    return job.ok() ? job->data().log() : job.error().message();
  };
  EXPECT_EQ(folder_of_log({}), dir_ / "log");
  EXPECT_EQ(folder_of_log({"data.log=./other/../log2"}), dir_ / "log2");
  EXPECT_EQ(folder_of_log({"data.log=/logs/may"}), "/logs/may");
}

TEST_F(LoadJobTest, OverridesApplyInOrderBeforeTheCheck) {
  const auto job = Load(kSmall, {"training.seed=3", "training.seed=4"});
  ASSERT_OK(job);
  EXPECT_EQ(job->training().seed(), 4u);
  EXPECT_OK(Load("task { name: \"click\" }", {"data.log=/logs/may"}));
}

TEST_F(LoadJobTest, MistakesAreUsageErrorsThatNameTheFile) {
  const auto complaint = [&](const Result<Job>& job) {
    if (job.ok()) return std::string("fine");
    EXPECT_EQ(job.error().kind(), ErrorKind::kUsage);
    return job.error().message();
  };
  EXPECT_EQ(complaint(Load("data { log: \"log\" }")),
            path_ + ": task must have at least one entry");
  EXPECT_EQ(complaint(Load("dta { }")), path_ + ":1:1: unknown field dta (did you mean \"data\"?)");
  EXPECT_EQ(complaint(Load(kSmall, {"runtime.port=-1"})),
            path_ + ": runtime.port must be between 0 and 65535, is -1");
  EXPECT_EQ(complaint(Load(kSmall, {"port=1"})), "override \"port=1\": unknown field port");
  EXPECT_EQ(complaint(LoadJob(dir_ / "none.job", {})),
            "job file: cannot open " + (dir_ / "none.job") + ": No such file or directory");
  EXPECT_EQ(complaint(LoadJob(dir_.path(), {})),
            "job file: " + dir_.path() + " is not a regular file");
}

}  // namespace
}  // namespace primacy
