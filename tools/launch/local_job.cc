#include "tools/launch/local_job.h"

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/agent/job_transport.h"
#include "common/cluster/cluster.h"
#include "worker/trainer/worker_process.h"

namespace primacy {
namespace {

constexpr char kLoopback[] = "127.0.0.1";
constexpr char kHost[] = "this process";

}  // namespace

Result<LocalJobResult> RunLocalJob(const LocalJobOptions& options) {
  const JobOptions& job = options.job;
  const TransportOptions transport = MakeTransportOptions(job.job, MakeSecret());
  std::vector<std::unique_ptr<ServerProcess>> servers;
  std::vector<Endpoint> endpoints;
  for (int rank = 0; rank < job.servers; ++rank) {
    ServerOptions server;
    server.job = job;
    server.rank = rank;
    server.host = kHost;
    server.bind_address = kLoopback;
    server.port =
        job.job.runtime().port() == 0 ? 0 : static_cast<uint16_t>(job.job.runtime().port() + rank);
    server.transport = transport;
    PRIMACY_ASSIGN(auto process, ServerProcess::Start(server));
    endpoints.push_back(process->endpoint());
    servers.push_back(std::move(process));
  }

  std::vector<std::thread> threads;
  const auto group = MakeLocalCluster(job.workers);
  for (int rank = 0; rank < job.workers; ++rank) {
    threads.emplace_back([&, rank] {
      WorkerOptions worker;
      worker.job = job.job;
      worker.rank = rank;
      worker.workers = job.workers;
      worker.host = kHost;
      worker.servers = endpoints;
      worker.transport = transport;
      if (job.evaluation.has_value()) worker.evaluation_slice = job.evaluation->slice;
      const Status ended = RunWorker(worker, *group[rank]);
      if (!ended.ok()) LOG(INFO) << "worker " << rank << " ended: " << ended.error().message();
    });
  }
  for (int rank = 1; rank < job.servers; ++rank) {
    threads.emplace_back([&, rank] {
      const Result<JobOutcome> ended = servers[rank]->Run(endpoints[0]);
      if (!ended.ok()) LOG(INFO) << "server " << rank << " ended: " << ended.error().message();
      servers[rank].reset();  // a failed job: whoever waits for this server must not wait for ever
    });
  }
  if (options.started) options.started(servers[0]->coordinator());
  const Result<JobOutcome> outcome = servers[0]->Run(endpoints[0]);
  if (options.ended) options.ended();
  LocalJobResult result;
  if (outcome.ok()) {
    result.outcome = *outcome;
    result.evaluation = servers[0]->coordinator().script().evaluation();
  } else {
    for (const auto& member : group) member->Abort(outcome.error().message());
    servers[0].reset();
  }
  for (std::thread& thread : threads) thread.join();
  if (!outcome.ok()) return outcome.error();
  return result;
}

}  // namespace primacy
