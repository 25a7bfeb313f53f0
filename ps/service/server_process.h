// One parameter server: its port, its parameters, and on server 0 the coordinator.
#pragma once

#include <memory>
#include <string>

#include "common/agent/agent.h"
#include "common/base/result.h"
#include "common/transport/transport.h"
#include "ps/coordinator/coordinator.h"
#include "ps/service/parameter_service.h"

namespace primacy {

struct ServerOptions {
  JobOptions job;  // of the whole job; run_dir, resume and the like matter on server 0 only
  int rank = 0;
  std::string host;  // shown to people
  std::string bind_address;
  uint16_t port = 0;  // 0: any free one
  TransportOptions transport;
  std::function<void(Error)> on_lost;  // see AgentOptions
};

class ServerProcess {
 public:
  // Listens. Requests are answered from here on.
  static Result<std::unique_ptr<ServerProcess>> Start(const ServerOptions& options);
  ~ServerProcess();

  Endpoint endpoint() const { return transport_->endpoint(); }
  // Serves until the coordinator says that the job has ended. On server 0 it runs the job and
  // returns how it ended; elsewhere kFinished, or the reason of a failed job.
  Result<JobOutcome> Run(const Endpoint& coordinator);
  // Server 0 only.
  Coordinator& coordinator() { return *coordinator_; }

 private:
  explicit ServerProcess(const ServerOptions& options);
  Status ServeDirectives(const Endpoint& coordinator);
  NormExchange MakeNormExchange();
  GramExchange MakeGramExchange();
  SavedExchange MakeSavedExchange();

  const ServerOptions options_;
  std::unique_ptr<Agent> agent_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<ParameterService> service_;
  std::unique_ptr<TransportServer> transport_;
};

}  // namespace primacy
