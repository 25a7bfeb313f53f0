#include "tools/bench/rows_server.h"

#include <utility>

#include "tools/bench/cores.h"

namespace primacy::bench {

RowsServer::RowsServer(const Job& job)
    : service_(ServiceOptions{.job = job, .server = 0, .servers = 1, .workers = 1}, Exchanges{}) {}

Result<std::unique_ptr<RowsServer>> RowsServer::Start(const Job& job,
                                                      const ParameterSpec& parameters,
                                                      const TransportOptions& transport, int core) {
  const OnCore on_core(core);
  const std::set<int> before = ThreadsOfProcess();
  std::unique_ptr<RowsServer> server(new RowsServer(job));
  Directive configure;
  *configure.mutable_configure()->mutable_parameters() = parameters;
  PRIMACY_TRY(server->service_.Execute(configure));
  Directive train;
  train.mutable_train()->set_steps_per_pass(1);
  PRIMACY_TRY(server->service_.Execute(train));
  TransportServer::Handlers handlers;
  handlers.request = [self = server.get()](const std::string&, Message request,
                                           Responder responder) {
    self->Handle(std::move(request), std::move(responder));
  };
  PRIMACY_ASSIGN(server->transport_,
                 TransportServer::Start("127.0.0.1", 0, transport, std::move(handlers)));
  server->threads_ = ThreadsOfProcess();
  for (const int thread : before) server->threads_.erase(thread);
  return server;
}

void RowsServer::Handle(Message request, Responder responder) {
  if (request.header.type == MessageType::kStep) return responder.Reply(StepReply());
  service_.Handle(std::move(request), std::move(responder));
}

Result<double> RowsServer::CpuSeconds() const {
  double sum = 0;
  for (const int thread : threads_) {
    PRIMACY_ASSIGN(const double seconds, CpuSecondsOf(thread));
    sum += seconds;
  }
  return sum;
}

}  // namespace primacy::bench
