// primacy_ps: one parameter server, started by mpirun; the first one also coordinates the job.
#include <memory>
#include <utility>

#include "common/agent/job_transport.h"
#include "common/base/atomic_file.h"
#include "common/base/directory_lock.h"
#include "common/base/exit_code.h"
#include "common/cluster/control_file.h"
#include "common/cluster/rank_main.h"
#include "ps/coordinator/prepare_run.h"
#include "ps/service/server_process.h"

namespace primacy {
namespace {

constexpr char kLoopback[] = "127.0.0.1";
constexpr char kEveryAddress[] = "0.0.0.0";

class ServerRank : public RankWork {
 public:
  Result<std::string> Prepare(const RankFlags& flags, MpiJob& mpi) override {
    const RunRequest request{flags.job_file, flags.overrides, flags.run_dir,  mpi.servers(),
                             mpi.workers(),  flags.resume,    flags.init_from};
    options_.rank = mpi.role_group().rank();
    options_.host = mpi.host();
    // Only the first server may look at the run directory: it is the one that changes it.
    PRIMACY_ASSIGN(options_.job, leads() ? PrepareRun(request) : ReadRunRequest(request));
    const RuntimeConfig& runtime = options_.job.job.runtime();
    if (runtime.port() != 0) options_.port = static_cast<uint16_t>(runtime.port() + options_.rank);
    ChooseAddress(flags.bind_address.empty() ? runtime.bind_address() : flags.bind_address, mpi);
    if (!leads()) return std::string();
    PRIMACY_TRY(MakeDirectories(options_.job.run_dir));
    PRIMACY_ASSIGN(lock_, DirectoryLock::Take(options_.job.run_dir, kRunLock));
    PRIMACY_TRY(CreateRunDirectory(options_.job));
    return MakeSecret();
  }

  Result<std::string> Open(const std::string& secret, std::function<void(Error)> on_lost) override {
    options_.transport = MakeTransportOptions(options_.job.job, secret);
    options_.on_lost = std::move(on_lost);
    PRIMACY_ASSIGN(server_, ServerProcess::Start(options_));
    Endpoint own = server_->endpoint();
    own.host = advertised_host_;
    if (leads()) {
      PRIMACY_ASSIGN(control_, ControlFile::Create(options_.job.run_dir, {own.Encode(), secret}));
    }
    return own.Encode();
  }

  Result<int> Run(const std::vector<std::string>& servers) override {
    PRIMACY_ASSIGN(const Endpoint coordinator, ParseEndpoint(servers.front()));
    const Result<JobOutcome> outcome = server_->Run(coordinator);
    control_.reset();
    if (!outcome.ok()) return outcome.error();
    return *outcome == JobOutcome::kFinished ? 0 : kStoppedExitCode;
  }

  void RequestStop() override {
    if (leads()) server_->coordinator().RequestStop();
  }

 private:
  bool leads() const { return options_.rank == 0; }

  void ChooseAddress(const std::string& wanted, const MpiJob& mpi) {
    options_.bind_address = !wanted.empty() ? wanted : mpi.one_host() ? kLoopback : kEveryAddress;
    advertised_host_ = options_.bind_address == kEveryAddress ? mpi.host() : options_.bind_address;
  }

  ServerOptions options_;
  std::string advertised_host_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<ControlFile> control_;
  std::unique_ptr<DirectoryLock> lock_;
};

}  // namespace
}  // namespace primacy

int main(int argc, char** argv) {
  primacy::ServerRank rank;
  return primacy::RunRank(primacy::ROLE_SERVER, argc, argv, rank);
}
