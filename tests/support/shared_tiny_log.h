// A test suite whose tests train whole jobs on one tiny log.
#pragma once

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/local_run.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy::testing_support {

// Test is testing::Test, or testing::TestWithParam<…>. The log is written once and not changed;
// runs share its directory, so every one has a name of its own.
template <typename Test = testing::Test>
class SharedTinyLog : public Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir();
    WriteTinyLog(Log());
  }
  static void TearDownTestSuite() { delete dir_; }
  static std::string Log() { return *dir_ / "log"; }

  // Dies when the run does not come to its end.
  static void Finish(const RunSpec& run) {
    const Result<JobOutcome> outcome = RunJob(run);
    CHECK(outcome.ok()) << outcome.error().trace();
    CHECK(*outcome == JobOutcome::kFinished);
  }
  static RunSpec Finish(const std::string& name, const Job& job, int servers, int workers) {
    RunSpec run{*dir_ / name, job, servers, workers};
    Finish(run);
    return run;
  }

  static inline TempDir* dir_ = nullptr;
};

}  // namespace primacy::testing_support
