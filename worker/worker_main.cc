// primacy_worker: one worker, started by mpirun.
#include <utility>

#include "common/agent/job_transport.h"
#include "common/cluster/rank_main.h"
#include "common/config/job_config.h"
#include "worker/trainer/worker_process.h"

namespace primacy {
namespace {

class WorkerRank : public RankWork {
 public:
  Result<std::string> Prepare(const RankFlags& flags, MpiJob& mpi) override {
    PRIMACY_ASSIGN(options_.job, LoadJob(flags.job_file, flags.overrides));
    options_.rank = mpi.role_group().rank();
    options_.workers = mpi.workers();
    options_.host = mpi.host();
    group_ = &mpi.role_group();
    return std::string();
  }

  Result<std::string> Open(const std::string& secret, std::function<void(Error)> on_lost) override {
    options_.on_lost = std::move(on_lost);
    options_.transport = MakeTransportOptions(options_.job, secret);
    return std::string();
  }

  Result<int> Run(const std::vector<std::string>& servers) override {
    for (const std::string& server : servers) {
      PRIMACY_ASSIGN(Endpoint endpoint, ParseEndpoint(server));
      options_.servers.push_back(std::move(endpoint));
    }
    PRIMACY_TRY(RunWorker(options_, *group_));
    return 0;
  }

 private:
  WorkerOptions options_;
  Cluster* group_ = nullptr;
};

}  // namespace
}  // namespace primacy

int main(int argc, char** argv) {
  primacy::WorkerRank rank;
  return primacy::RunRank(primacy::ROLE_WORKER, argc, argv, rank);
}
