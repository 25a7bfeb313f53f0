// Runs under mpirun, every rank its own copy:
//   mpi_cluster_test MODE ROLE ... with MODE contract, abort, abort_job, roles or huge, and ROLE
//   server or worker.
// All ranks run the same checks in the same order, so a rank that fails does not keep the others
// waiting for long.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/cluster/mpi_cluster.h"
#include "tests/common/cluster/cluster_contract.h"

namespace primacy {
namespace {

using testing_support::CheckAbort;
using testing_support::CheckBytesArriveWhole;
using testing_support::ClusterCheck;
using testing_support::ClusterContract;

MpiJob* g_job = nullptr;
Role g_role = ROLE_SERVER;

class MpiClusterContract : public testing::TestWithParam<ClusterCheck> {};

TEST_P(MpiClusterContract, HoldsForAllRanks) { GetParam().run(g_job->world()); }
TEST_P(MpiClusterContract, HoldsForTheRole) { GetParam().run(g_job->role_group()); }

INSTANTIATE_TEST_SUITE_P(Cluster, MpiClusterContract, testing::ValuesIn(ClusterContract()),
                         testing_support::CheckName);

TEST(MpiCluster, CarriesBytesThatTakeSeveralMessages) {
  CheckBytesArriveWhole(g_job->world(), (size_t{33} << 20) + 13);
}

TEST(MpiJob, GroupsHaveTheSizesOfTheRoles) {
  EXPECT_EQ(g_job->servers(), 2);
  EXPECT_EQ(g_job->workers(), 3);
  EXPECT_EQ(g_job->world().size(), 5);
  EXPECT_EQ(g_job->role_group().size(), g_role == ROLE_SERVER ? 2 : 3);
  // mpirun numbers the ranks of the first program first.
  EXPECT_EQ(g_job->world().rank(), g_job->role_group().rank() + (g_role == ROLE_SERVER ? 0 : 2));
}

TEST(MpiJob, RanksOfOneMachineShareAHost) {
  EXPECT_TRUE(g_job->one_host());
  EXPECT_FALSE(g_job->host().empty());
  const auto hosts = g_job->world().Gather(g_job->host(), 0);
  EXPECT_OK(hosts);
  if (g_job->world().rank() != 0) return;
  for (const std::string& host : *hosts) EXPECT_EQ(host, g_job->host());
}

int RunAbort() {
  CheckAbort(g_job->role_group());
  const bool held = !testing::Test::HasFailure();
  // The world is another group, and goes on.
  const auto held_on = g_job->world().Gather(held ? "1" : "", 0);
  if (!held_on.ok()) return 1;
  size_t count = 0;
  for (const std::string& answer : *held_on) count += answer.size();
  if (g_job->world().rank() == 0) {
    std::printf("the abort held on %zu of %d ranks\n", count, g_job->world().size());
    std::fflush(stdout);
  }
  return g_job->world().Barrier().ok() ? 0 : 1;
}

// One rank ends the job while the others would wait for ever.
int RunAbortJob() {
  if (g_job->world().rank() == 1) g_job->AbortJob(7);
  return g_job->world().Barrier().ok() ? 0 : 1;
}

// More than fits MPI's counts, in one piece.
int RunHuge() {
  constexpr size_t kBytes = (size_t{1} << 31) + 12345;
  const bool sends = g_job->world().rank() == 1;
  const auto gathered = g_job->world().Gather(std::string(sends ? kBytes : 1, 'h'), 0);
  if (!gathered.ok()) return 1;
  if (g_job->world().rank() != 0) return 0;
  const bool whole =
      (*gathered)[1].size() == kBytes && (*gathered)[1].find_first_not_of('h') == std::string::npos;
  return whole ? 0 : 1;
}

int Run(std::string_view mode) {
  auto job = MpiJob::Start(g_role);
  if (mode == "roles") {
    if (job.ok() || job.error().kind() != ErrorKind::kUsage) return 1;
    std::printf("usage error: %s\n", job.error().message().c_str());
    return 0;
  }
  if (!job.ok()) {
    std::fprintf(stderr, "%s\n", job.error().trace().c_str());
    return 1;
  }
  g_job = job->get();
  if (mode == "abort") return RunAbort();
  if (mode == "abort_job") return RunAbortJob();
  if (mode == "huge") return RunHuge();
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace primacy

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  CHECK_EQ(argc, 3) << "mpi_cluster_test MODE ROLE";
  primacy::g_role =
      std::string_view(argv[2]) == "server" ? primacy::ROLE_SERVER : primacy::ROLE_WORKER;
  return primacy::Run(argv[1]);
}
