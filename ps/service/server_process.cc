#include "ps/service/server_process.h"

#include <thread>
#include <utility>

namespace primacy {

Result<std::unique_ptr<ServerProcess>> ServerProcess::Start(const ServerOptions& options) {
  auto process = std::unique_ptr<ServerProcess>(new ServerProcess(options));
  ServerProcess* self = process.get();
  if (options.rank == 0) {
    PRIMACY_ASSIGN(process->coordinator_, Coordinator::Create(options.job));
  }
  const ServiceOptions service{options.job.job, options.rank, options.job.servers,
                               options.job.workers};
  process->service_ = std::make_unique<ParameterService>(
      service, Exchanges{process->MakeNormExchange(), process->MakeGramExchange(),
                         process->MakeSavedExchange()});
  TransportServer::Handlers handlers;
  handlers.request = [self](const std::string& peer, Message request, Responder responder) {
    if (!Coordinator::IsFor(request.header.type)) {
      self->service_->Handle(std::move(request), std::move(responder));
    } else if (self->coordinator_ != nullptr) {
      self->coordinator_->Handle(peer, std::move(request), std::move(responder));
    } else {
      responder.Fail(Failure("the coordinator is server 0, not this one"));
    }
  };
  handlers.disconnected = [self](const std::string& peer) {
    if (self->coordinator_ != nullptr) self->coordinator_->OnDisconnected(peer);
  };
  PRIMACY_ASSIGN(process->transport_,
                 TransportServer::Start(options.bind_address, options.port, options.transport,
                                        std::move(handlers)));
  return process;
}

ServerProcess::ServerProcess(const ServerOptions& options) : options_(options) {}

ServerProcess::~ServerProcess() {
  if (service_ != nullptr) service_->GiveUpSave();  // it reports through the agent
  agent_.reset();
  transport_.reset();  // no handler runs any more
}

namespace {

// Sends `numbers` to the coordinator and hands its reply on.
template <typename Reply, typename Request>
void AskCoordinator(TransportClient& client, MessageType type, const Request& request,
                    std::shared_ptr<std::vector<double>> numbers,
                    std::function<void(Result<Reply>)> done) {
  RawParts raw;
  raw.pieces.push_back(std::as_bytes(std::span(*numbers)));
  raw.owner = std::move(numbers);
  client.CallNoTimeout(type, 0, request, std::move(raw),
                       [done = std::move(done)](Result<Message> message) {
                         if (!message.ok()) return done(message.error());
                         done(ParseProto<Reply>(*message));
                       });
}

}  // namespace

NormExchange ServerProcess::MakeNormExchange() {
  return [this](const NormRequest& request, std::shared_ptr<std::vector<double>> squares,
                std::function<void(Result<double>)> done) {
    AskCoordinator<NormReply>(agent_->client(), MessageType::kNorm, request, std::move(squares),
                              [done = std::move(done)](Result<NormReply> reply) {
                                if (!reply.ok()) return done(reply.error());
                                done(reply->scale());
                              });
  };
}

GramExchange ServerProcess::MakeGramExchange() {
  return [this](const GramRequest& request, std::shared_ptr<std::vector<double>> products,
                std::function<void(Result<GramReply>)> done) {
    AskCoordinator<GramReply>(agent_->client(), MessageType::kGram, request, std::move(products),
                              std::move(done));
  };
}

SavedExchange ServerProcess::MakeSavedExchange() {
  // Whether the coordinator lives is the agent's to find out.
  return [this](const SavedReport& report) {
    agent_->client().CallNoTimeout(MessageType::kSaved, 0, report, {},
                                   [](const Result<Message>&) {});
  };
}

Result<JobOutcome> ServerProcess::Run(const Endpoint& coordinator) {
  if (coordinator_ == nullptr) {
    PRIMACY_TRY(ServeDirectives(coordinator));
    return JobOutcome::kFinished;
  }
  Status served;
  std::thread serving([&] {
    served = ServeDirectives(coordinator);
    if (!served.ok()) coordinator_->Fail(served.error());
  });
  Result<JobOutcome> outcome = coordinator_->Run();
  serving.join();
  return outcome;
}

Status ServerProcess::ServeDirectives(const Endpoint& coordinator) {
  AgentOptions options;
  options.role = ROLE_SERVER;
  options.rank = options_.rank;
  options.coordinator = coordinator;
  options.transport = options_.transport;
  options.heartbeat_ms = options_.job.job.runtime().heartbeat_ms();
  options.on_lost = options_.on_lost;
  PRIMACY_ASSIGN(agent_, Agent::Connect(options));
  JoinRequest join;
  join.set_host(options_.host);
  PRIMACY_TRY(agent_->Join(join));
  NextRequest done;
  while (true) {
    PRIMACY_ASSIGN(const Directive directive, agent_->Next(done));
    done.Clear();
    if (directive.has_finish()) {
      if (directive.finish().failed()) return Failure(directive.finish().reason());
      return Ok();
    }
    Result<ServerResult> result = service_->Execute(directive);
    if (result.ok()) {
      *done.mutable_server() = *result;
    } else {
      done.set_error(result.error().message());
      done.set_usage_error(result.error().kind() == ErrorKind::kUsage);
    }
  }
}

}  // namespace primacy
