// priority.fail_on: the exit code of a job that did not keep a constraint.
#include <gtest/gtest.h>

#include "tests/support/cli_run.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"

namespace primacy {
namespace {

using testing_support::BinaryFolder;
using testing_support::Count;
using testing_support::DigestOf;
using testing_support::Outcome;
using testing_support::RunToEnd;
using testing_support::TempDir;
using testing_support::Workbench;

// λ = 0: nothing holds the first task.
const std::vector<std::string> kUnheld = {"--set=priority.lambda_start=0",
                                          "--set=priority.holdout_rate=0",
                                          "--set=priority.holdout_gain=0"};

std::vector<std::string> With(std::vector<std::string> flags,
                              const std::vector<std::string>& more) {
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

class CliVerdict : public testing::TestWithParam<const char*> {};

TEST_P(CliVerdict, ExitCodeThreeWhenAConstraintIsNotKept) {
  TempDir dir;
  const Workbench bench(dir.path());
  const std::string launcher = std::string("--launcher=") + GetParam();
  const std::vector<std::string> flags =
      With(kUnheld, {launcher, "--set=priority.fail_on=NOT_KEPT"});
  const Outcome missed = RunToEnd(bench.TrainCommand("run", 1, 2, flags), dir / "missed");
  EXPECT_EQ(missed.exit_code, 3) << missed.errors;
  EXPECT_EQ(
      Count(missed.errors, "priority.fail_on is NOT_KEPT, and the final model has like not kept\n"),
      1)
      << missed.errors;
  EXPECT_EQ(Count(missed.printed, "like in stage click: not kept; test loss 0."), 1)
      << missed.printed;
  const std::string digest = DigestOf(bench.RunDir("run"));
  // The run is whole: it is judged by what the job says now.
  const Outcome wide = RunToEnd(
      bench.TrainCommand("run", 1, 2, With(flags, {"--resume", "--set=priority.margin=9"})),
      dir / "wide");
  EXPECT_EQ(wide.exit_code, 0) << wide.errors;
  EXPECT_EQ(Count(wide.printed, "like in stage click: kept; test loss 0."), 1) << wide.printed;
  EXPECT_EQ(DigestOf(bench.RunDir("run")), digest);
  const Outcome inspected =
      RunToEnd({BinaryFolder() + "/primacy", "inspect", bench.RunDir("run")}, dir / "inspected");
  EXPECT_EQ(inspected.exit_code, 0);
  EXPECT_EQ(Count(inspected.printed, "verdict"), 1) << inspected.printed;
}

INSTANTIATE_TEST_SUITE_P(Launchers, CliVerdict, testing::Values("mpi", "local"));

// One user, so that there is no interval.
TEST(CliVerdict, ExitCodeThreeWhenItCannotBeDecided) {
  TempDir dir;
  const Workbench bench(dir.path());
  testing_support::TinyLogOptions one_user;
  one_user.users = 1;
  testing_support::WriteTinyLog(dir / "one_user", one_user);
  const std::vector<std::string> flags = {"--launcher=local", "--set=training.passes_max=1",
                                          "--set=data.log=" + (dir / "one_user")};
  const Outcome undecided =
      RunToEnd(bench.TrainCommand("run", 1, 1, With(flags, {"--set=priority.fail_on=UNDECIDED"})),
               dir / "undecided");
  EXPECT_EQ(undecided.exit_code, 3) << undecided.errors;
  EXPECT_EQ(Count(undecided.errors, "the final model has like not decidable\n"), 1)
      << undecided.errors;
  EXPECT_EQ(Count(undecided.printed, "like in stage click: not decidable with 1 group of rows\n"),
            1)
      << undecided.printed;
  const Outcome allowed = RunToEnd(
      bench.TrainCommand("run", 1, 1, With(flags, {"--resume", "--set=priority.fail_on=NOT_KEPT"})),
      dir / "allowed");
  EXPECT_EQ(allowed.exit_code, 0) << allowed.errors;
}

}  // namespace
}  // namespace primacy
