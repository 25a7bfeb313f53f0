#include <mpi.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "common/cluster/mpi_cluster.h"
#include "common/cluster/mpi_communicator.h"

namespace primacy {
namespace {

// Finalises MPI at the end of its life, unless it was told not to.
class MpiLibrary {
 public:
  static Result<std::unique_ptr<MpiLibrary>> Start() {
    int initialised = 0;
    MPI_Initialized(&initialised);
    CHECK_EQ(initialised, 0) << "an MPI job was started in this process before";
    int granted = MPI_THREAD_SINGLE;
    PRIMACY_TRY(
        MpiStatus(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_MULTIPLE, &granted), "initialise"));
    auto library = std::unique_ptr<MpiLibrary>(new MpiLibrary);
    if (granted < MPI_THREAD_MULTIPLE) {
      return UsageError(
          "this MPI library does not support MPI_THREAD_MULTIPLE; use a build that does");
    }
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    return library;
  }
  ~MpiLibrary() {
    if (finalise_) MPI_Finalize();
  }
  MpiLibrary(const MpiLibrary&) = delete;
  MpiLibrary& operator=(const MpiLibrary&) = delete;

  // MPI_Finalize waits for all ranks: in a failed job some may never come.
  void LeaveOpen() { finalise_ = false; }

 private:
  MpiLibrary() = default;
  bool finalise_ = true;
};

// How many ranks have each role.
Result<std::array<int, 2>> CountRoles(Role role) {
  std::array<int, 2> mine{};
  mine[role] = 1;
  std::array<int, 2> counts{};
  PRIMACY_TRY(MpiStatus(MPI_Allreduce(mine.data(), counts.data(), static_cast<int>(mine.size()),
                                      MPI_INT, MPI_SUM, MPI_COMM_WORLD),
                        "count roles"));
  return counts;
}

// The communicator of the ranks that pass the same `color`, in the order of MPI_COMM_WORLD.
Result<std::unique_ptr<MpiCommunicator>> Split(int color) {
  MPI_Comm part = MPI_COMM_NULL;
  PRIMACY_TRY(MpiStatus(MPI_Comm_split(MPI_COMM_WORLD, color, 0, &part), "split by role"));
  auto group = MpiCommunicator::Create(part);
  MPI_Comm_free(&part);
  return group;
}

// Whether all ranks share memory. The same answer on each, as the smallest host's share decides.
Result<bool> OnOneHost() {
  MPI_Comm host = MPI_COMM_NULL;
  PRIMACY_TRY(
      MpiStatus(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host),
                "split by host"));
  int here = 0;
  int all = 0;
  MPI_Comm_size(host, &here);
  MPI_Comm_size(MPI_COMM_WORLD, &all);
  MPI_Comm_free(&host);
  return here == all;
}

std::string HostName() {
  char name[256] = "";
  ::gethostname(name, sizeof(name) - 1);
  return name;
}

class MpiJobImpl : public MpiJob {
 public:
  MpiJobImpl(std::unique_ptr<MpiLibrary> library, std::unique_ptr<MpiCommunicator> world,
             std::unique_ptr<MpiCommunicator> role_group, std::array<int, 2> role_counts,
             bool one_host)
      : library_(std::move(library)),
        world_(std::move(world)),
        role_group_(std::move(role_group)),
        role_counts_(role_counts),
        one_host_(one_host) {}

  ~MpiJobImpl() override {
    if (world_->aborted() || role_group_->aborted()) library_->LeaveOpen();
  }

  Cluster& world() override { return *world_; }
  Cluster& role_group() override { return *role_group_; }
  int servers() const override { return role_counts_[ROLE_SERVER]; }
  int workers() const override { return role_counts_[ROLE_WORKER]; }
  bool one_host() const override { return one_host_; }
  std::string host() const override { return host_; }

  [[noreturn]] void AbortJob(int exit_code) override {
    google::FlushLogFiles(google::INFO);
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::_Exit(exit_code);
  }

 private:
  const std::unique_ptr<MpiLibrary> library_;  // outlives the communicators
  const std::unique_ptr<MpiCommunicator> world_;
  const std::unique_ptr<MpiCommunicator> role_group_;
  const std::array<int, 2> role_counts_;
  const bool one_host_;
  const std::string host_ = HostName();
};

}  // namespace

Result<std::unique_ptr<MpiJob>> MpiJob::Start(Role role) {
  PRIMACY_ASSIGN(auto library, MpiLibrary::Start());
  PRIMACY_ASSIGN(const auto counts, CountRoles(role));
  if (counts[ROLE_SERVER] == 0 || counts[ROLE_WORKER] == 0) {
    return UsageError("a job needs at least one server and one worker, mpirun started " +
                      std::to_string(counts[ROLE_SERVER]) + " and " +
                      std::to_string(counts[ROLE_WORKER]) +
                      ": mpirun -np SERVERS primacy_ps ... : -np WORKERS primacy_worker ...");
  }
  PRIMACY_ASSIGN(auto world, MpiCommunicator::Create(MPI_COMM_WORLD));
  PRIMACY_ASSIGN(auto role_group, Split(role));
  PRIMACY_ASSIGN(const bool one_host, OnOneHost());
  return std::unique_ptr<MpiJob>(std::make_unique<MpiJobImpl>(
      std::move(library), std::move(world), std::move(role_group), counts, one_host));
}

}  // namespace primacy
