// What commands leave behind when they cannot write on: one line, exit code 1, nothing half.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "tests/support/temp_dir.h"
#include "tests/tools/commands/command_runner.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::Ended;
using testing_support::LineCount;
using testing_support::RunPrimacy;
using testing_support::TempDir;

using Words = std::vector<std::string>;

// No file of this process and its children grows beyond `bytes` while it lives. Like a full disk,
// it shows at a write; unlike one, it needs no mount.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    CHECK_EQ(::getrlimit(RLIMIT_FSIZE, &before_), 0);
    const rlimit limit{bytes, before_.rlim_max};
    CHECK_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  }
  ~FileLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  rlimit before_{};
};

Ended RunWithin(rlim_t bytes, const Words& arguments) {
  const FileLimit limit(bytes);
  return RunPrimacy(arguments);
}

class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RunPrimacy({"generate", "--out=" + log_, "--rows=4000"}).exit_code, 0);
    std::filesystem::create_directory(out_);
  }

  Words Train(const Words& extra) const {
    Words words = {"train",
                   "--job=" + log_ + "/job.txt",
                   "--run_dir=" + run_,
                   "--launcher=local",
                   "--set=training.passes_max=1",
                   "--set=training.evaluations_per_pass=1",
                   "--set=training.batch_rows=200"};
    words.insert(words.end(), extra.begin(), extra.end());
    return words;
  }

  // Exit code 1 and one line on a disk that takes so little, and nothing in out_.
  void ExpectNothingLeft(const Words& arguments) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const Ended ended = RunWithin(8 << 10, arguments);
    EXPECT_EQ(ended.exit_code, 1) << ended.err;
    EXPECT_EQ(LineCount(ended.err), 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("File too large"));
    EXPECT_TRUE(std::filesystem::is_empty(out_));
  }

  const TempDir dir_;
  const std::string log_ = dir_ / "log";
  const std::string run_ = dir_ / "run";
  const std::string out_ = dir_ / "out";
};

TEST_F(FullDisk, WhatIsWrittenIsThereWholeOrNotAtAll) {
  ExpectNothingLeft({"generate", "--out=" + out_ + "/log", "--rows=20000"});
  ASSERT_EQ(RunPrimacy(Train({})).exit_code, 0);
  const std::string checkpoint = "--checkpoint=" + run_;
  ExpectNothingLeft({"predict", checkpoint, "--slice=train", "--out=" + out_ + "/scores.csv"});
  ExpectNothingLeft({"export", checkpoint, "--out=" + out_ + "/arrays"});
}

TEST_F(FullDisk, AJobGoesOnOnceThereIsRoom) {
  // Enough for the first generation, which has no rows yet, but for no later one.
  const Ended full = RunWithin(150 << 10, Train({}));
  EXPECT_EQ(full.exit_code, 1) << full.err;
  EXPECT_THAT(full.err, HasSubstr("File too large; the same command with --resume"));
  // Servers write while training goes on: what they could not end is gone.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run_ + "/checkpoints")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_TRUE(std::filesystem::exists(entry.path().parent_path() / "MANIFEST")) << entry.path();
    EXPECT_NE(entry.path().extension(), ".tmp");
  }
  const Ended resumed = RunPrimacy(Train({"--resume"}));
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
}

}  // namespace
}  // namespace primacy
