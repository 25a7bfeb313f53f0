#include "tools/launch/mpirun.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace primacy {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::Pair;

const MpiPlace kPlace{"/usr/bin/mpirun", "/bin/primacy_ps", "/bin/primacy_worker", true};

MpiOptions Options() {
  MpiOptions options;
  options.request.job_file = "/jobs/job.txt";
  options.request.run_dir = "/runs/1";
  options.request.servers = 2;
  options.request.workers = 3;
  return options;
}

TEST(MpirunCommand, OneHost) {
  MpiOptions options = Options();
  options.request.overrides = {"training.seed=3"};
  options.request.resume = true;
  const ChildCommand command = MpirunCommand(options, kPlace);
  EXPECT_THAT(
      command.arguments,
      ElementsAre("/usr/bin/mpirun", "--bind-to", "none", "-x", "OMP_NUM_THREADS", "-np", "2",
                  "/bin/primacy_ps", "--job=/jobs/job.txt", "--run_dir=/runs/1",
                  "--set=training.seed=3", "--resume", ":", "-np", "3", "/bin/primacy_worker",
                  "--job=/jobs/job.txt", "--run_dir=/runs/1", "--set=training.seed=3", "--resume"));
  EXPECT_EQ(command.output_file, "/runs/1/mpirun.log");
  EXPECT_THAT(command.environment, Contains(Pair("OMPI_ALLOW_RUN_AS_ROOT", "1")));
  EXPECT_THAT(command.environment, Contains(Pair("OMPI_MCA_oob_tcp_if_include", "lo")));
  EXPECT_THAT(command.environment, Contains(Pair("OMP_NUM_THREADS", "1")));
}

TEST(MpirunCommand, HostsOfAFile) {
  MpiOptions options = Options();
  options.hostfile = "/hosts";
  options.mpi_args = "--mca  plm_rsh_agent sh";
  MpiPlace place = kPlace;
  place.as_root = false;
  const ChildCommand command = MpirunCommand(options, place);
  const std::vector<std::string> head(command.arguments.begin() + 5,
                                      command.arguments.begin() + 10);
  EXPECT_THAT(head, ElementsAre("--hostfile", "/hosts", "--mca", "plm_rsh_agent", "sh"));
  for (const auto& [name, value] : command.environment) EXPECT_NE(value, "lo") << name;
  EXPECT_THAT(command.environment, Not(Contains(Pair("OMPI_ALLOW_RUN_AS_ROOT", "1"))));
}

// The scheduler's hosts reach mpirun by themselves, and speak over their own network.
TEST(MpirunCommand, HostsOfAnAllocation) {
  MpiPlace place = kPlace;
  place.allocation = true;
  const ChildCommand command = MpirunCommand(Options(), place);
  EXPECT_THAT(command.arguments, Not(Contains("--hostfile")));
  for (const auto& [name, value] : command.environment) EXPECT_NE(value, "lo") << name;
}

TEST(MpirunCommand, AnAllocationIsSeen) {
  ::setenv("SLURM_JOB_ID", "7", 1);
  EXPECT_TRUE(HasAllocation());
  ::unsetenv("SLURM_JOB_ID");
}

}  // namespace
}  // namespace primacy
