// A user's mistake: one line that names the thing to change, exit code 2, within five seconds.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/atomic_file.h"
#include "tests/support/cli_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "tools/launch/child_process.h"

namespace primacy {
namespace {

using testing_support::BinaryFolder;
using testing_support::Count;
using testing_support::Outcome;
using testing_support::RunToEnd;
using testing_support::TempDir;
using testing_support::Workbench;

constexpr double kSecondsMax = 5;

class CliErrors : public testing::Test {
 protected:
  // Expects one line that contains `words`.
  void ExpectUsageError(const std::vector<std::string>& command, const std::string& words) {
    const Outcome outcome = RunToEnd(command, dir_ / "mistake");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_EQ(Count(outcome.errors, "\n"), 1) << outcome.errors;
    EXPECT_GE(Count(outcome.errors, words), 1) << outcome.errors;
    EXPECT_EQ(outcome.printed, "");
    EXPECT_LT(outcome.seconds, kSecondsMax);
  }
  std::vector<std::string> Train(const std::vector<std::string>& extra) {
    return bench_.TrainCommand("run", 1, 2, extra);
  }

  TempDir dir_;
  const Workbench bench_{dir_.path()};
};

TEST_F(CliErrors, MissingJobFile) {
  ExpectUsageError(Train({"--job=" + (dir_ / "nowhere.txt")}), "nowhere.txt");
}

TEST_F(CliErrors, UnknownField) {
  ExpectUsageError(Train({"--set=training.batch_size=3"}), "training.batch_size");
}

TEST_F(CliErrors, ZeroWorkers) { ExpectUsageError(Train({"--workers=0"}), "--workers"); }

TEST_F(CliErrors, MoreProcessesThanAHostShouldBear) {
  ExpectUsageError(Train({"--workers=300"}), "--hostfile");
  ExpectUsageError(Train({"--servers=99999"}), "--servers must be at most 4096");
}

TEST_F(CliErrors, HostsThatAreNotThere) {
  ExpectUsageError(Train({"--hostfile=" + (dir_ / "no_hosts")}), "no_hosts");
  ExpectUsageError(Train({"--mpi_args=--no_such_option"}), "--mpi_args");
}

TEST_F(CliErrors, RunDirectoryThatCannotBe) {
  ASSERT_OK(WriteFileAtomically(dir_ / "file", std::string_view("a file")));
  ExpectUsageError(Train({"--run_dir=" + (dir_ / "file")}), "file");
  ExpectUsageError(Train({"--run_dir=" + (dir_ / "file/below")}), "file/below");
}

TEST_F(CliErrors, PortsBeyondTheLast) {
  ExpectUsageError(Train({"--servers=2", "--set=runtime.port=65535"}), "runtime.port");
}

TEST_F(CliErrors, MissingLog) {
  ExpectUsageError(Train({"--set=data.log=" + (dir_ / "no_log")}), "no_log");
}

TEST_F(CliErrors, LabelThatTheLogLacks) {
  ExpectUsageError(Train({"--set=task[1].label=purchase"}), "purchase");
}

TEST_F(CliErrors, UnknownLauncher) { ExpectUsageError(Train({"--launcher=slurm"}), "--launcher"); }

TEST_F(CliErrors, NothingToResume) { ExpectUsageError(Train({"--resume"}), "--resume"); }

TEST_F(CliErrors, RunDirectoryThatHoldsARun) {
  ASSERT_EQ(RunToEnd(Train({"--launcher=local", "--set=training.passes_max=1"}), dir_ / "first")
                .exit_code,
            0);
  ExpectUsageError(Train({}), "holds a run already");
}

// Ranks alone can find these out.

TEST_F(CliErrors, PortInUse) {
  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(::ntohs(address.sin_port));
  ExpectUsageError(Train({"--set=runtime.port=" + port}), port);
  ::close(taken);
}

TEST_F(CliErrors, ResumeOfAnotherJob) {
  ASSERT_EQ(RunToEnd(Train({"--launcher=local", "--set=training.passes_max=1"}), dir_ / "first")
                .exit_code,
            0);
  ExpectUsageError(Train({"--resume", "--set=training.batch_rows=60"}), "--resume");
}

// By hand: mpirun adds words of its own, but only one rank may speak.
class RankErrors : public CliErrors {
 protected:
  void ExpectOneVoice(const std::vector<std::string>& ps, const std::vector<std::string>& worker,
                      const std::string& words) {
    const auto mpirun = FindProgram("mpirun");
    ASSERT_TRUE(mpirun.has_value());
    std::vector<std::string> command = {*mpirun, "-np", "2", BinaryFolder() + "/primacy_ps"};
    command.insert(command.end(), ps.begin(), ps.end());
    if (!worker.empty()) {
      command.insert(command.end(), {":", "-np", "2", BinaryFolder() + "/primacy_worker"});
      command.insert(command.end(), worker.begin(), worker.end());
    }
    const Outcome outcome = RunToEnd(command, dir_ / "mistake");
    EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
    EXPECT_EQ(Count(outcome.errors, "primacy_ps: "), 1) << outcome.errors;
    EXPECT_EQ(Count(outcome.errors, words), 1) << outcome.errors;
    EXPECT_LT(outcome.seconds, kSecondsMax);
  }
};

TEST_F(RankErrors, UnknownFlagOnAllRanks) {
  const std::vector<std::string> flags = {"--job=" + bench_.job_file, "--run_dir=" + (dir_ / "r"),
                                          "--workers=3"};
  ExpectOneVoice(flags, flags, "--workers=3");
}

TEST_F(RankErrors, MistakeOfTheWorkersOnly) {
  const std::vector<std::string> ps = {"--job=" + bench_.job_file, "--run_dir=" + (dir_ / "r")};
  const std::vector<std::string> worker = {"--job=" + (dir_ / "nowhere"),
                                           "--run_dir=" + (dir_ / "r")};
  ExpectOneVoice(ps, worker, "worker 0 (");
  EXPECT_FALSE(std::filesystem::exists(dir_ / "r/checkpoints"));
}

TEST_F(RankErrors, HelpIsAPage) {
  for (const char* program : {"primacy_ps", "primacy_worker"}) {
    const Outcome outcome = RunToEnd({BinaryFolder() + "/" + program, "--help"}, dir_ / "help");
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.errors, "");
    EXPECT_EQ(outcome.printed.find(program), 0u) << outcome.printed;
    for (const char* flag : {"--job", "--run_dir", "--set", "--resume", "--init_from", "--bind"})
      EXPECT_GE(Count(outcome.printed, std::string("\n  ") + flag), 1) << flag;
    EXPECT_GE(Count(outcome.printed, "SIGUSR1"), 1);
  }
}

TEST_F(RankErrors, NoWorkers) {
  ExpectOneVoice({"--job=" + bench_.job_file, "--run_dir=" + (dir_ / "r")}, {},
                 "at least one server and one worker");
}

}  // namespace
}  // namespace primacy
