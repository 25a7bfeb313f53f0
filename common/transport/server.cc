#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "common/transport/connection.h"
#include "common/transport/deadline.h"
#include "common/transport/handshake_io.h"
#include "common/transport/host_id.h"
#include "common/transport/io_thread.h"
#include "common/transport/listener.h"
#include "common/transport/reply_sink.h"
#include "common/transport/socket_file.h"
#include "common/transport/transport.h"

namespace primacy {
namespace {

using namespace transport;  // NOLINT: this file is the inside of that namespace

using Clock = std::chrono::steady_clock;

// A client keeps to its own requests_in_flight_max; one that has this many times ours unanswered is
// out of its mind.
constexpr int kUnansweredFactor = 16;
// What the last replies get to reach their clients when a server is destroyed.
constexpr std::chrono::milliseconds kLinger{250};
constexpr std::chrono::milliseconds kLingerPoll{2};
constexpr std::chrono::milliseconds kAcceptPause{50};

// One coroutine accepts and one per connection reads; replies are written by the threads that
// answer. All members but `rejected_` belong to the io thread once it accepts.
class Server final : public TransportServer {
 public:
  Server(const TransportOptions& options, Handlers handlers)
      : options_(options),
        handlers_(std::move(handlers)),
        io_(options.spin),
        acceptor_(io_.context()),
        local_acceptor_(io_.context()) {}
  ~Server() override;

  Status Open(const std::string& bind_address, uint16_t port);
  Endpoint endpoint() const override { return endpoint_; }
  uint64_t rejected_peers() const override { return rejected_; }

 private:
  using ConnectionPtr = std::shared_ptr<Connection>;

  // A server without a Unix socket is a server still.
  Status OpenLocally();
  asio::awaitable<void> Accept(StreamAcceptor& acceptor);
  asio::awaitable<void> Serve(ConnectionPtr connection);
  asio::awaitable<Result<std::string>> AdmitInTime(ConnectionPtr connection);
  // Hands out requests until the connection ends, and says why it did.
  asio::awaitable<Error> HandOut(ConnectionPtr connection, std::string peer);
  void Reject(const std::string& remote, const Error& why);
  // Lets queued replies out, waits for the clients to hang up, and closes what is left.
  asio::awaitable<void> Stop();
  bool Writing() const;

  const TransportOptions options_;
  const Handlers handlers_;
  Endpoint endpoint_;
  std::atomic<uint64_t> rejected_{0};

  IoThread io_;
  StreamAcceptor acceptor_;
  StreamAcceptor local_acceptor_;  // open only where a Unix socket could be had
  std::unique_ptr<SocketFile> socket_file_;
  std::set<ConnectionPtr> connections_;
  bool stopping_ = false;
};

Server::~Server() {
  asio::co_spawn(io_.context(), Stop(), asio::detached);
  io_.Join();
}

Status Server::Open(const std::string& bind_address, uint16_t port) {
  PRIMACY_ASSIGN(acceptor_, Listen(io_.context(), bind_address, port));
  error_code error;
  const tcp::endpoint local = AsTcp(acceptor_.local_endpoint(error));
  if (error) return Failure("asking for the port: " + error.message());
  endpoint_.host = local.address().to_string();
  endpoint_.port = local.port();
  const Status locally = OpenLocally();
  if (!locally.ok()) LOG(WARNING) << "no Unix socket: " << locally.error().message();
  asio::co_spawn(io_.context(), Accept(acceptor_), asio::detached);
  if (locally.ok()) asio::co_spawn(io_.context(), Accept(local_acceptor_), asio::detached);
  return Ok();
}

Status Server::OpenLocally() {
  if (HostId().empty()) return Failure("the system does not tell which host this is");
  PRIMACY_ASSIGN(socket_file_, SocketFile::Create());
  PRIMACY_ASSIGN(local_acceptor_, ListenLocally(io_.context(), socket_file_->path()));
  endpoint_.unix_path = socket_file_->path();
  endpoint_.host_id = HostId();
  return Ok();
}

asio::awaitable<void> Server::Accept(StreamAcceptor& acceptor) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (stopping_) co_return;
    if (error) {
      // Too many open files, or a peer that was gone before it was accepted.
      LOG(WARNING) << "accepting on " << endpoint_.ToString() << ": " << error.message();
      asio::steady_timer pause(io_.context(), kAcceptPause);
      co_await pause.async_wait(kAwait);
      if (stopping_) co_return;
      continue;
    }
    ConnectionPtr connection = Connection::Make(std::move(socket));
    if (connections_.size() >= static_cast<size_t>(options_.connections_max)) {
      LOG(WARNING) << "refused " << connection->remote() << ": " << connections_.size()
                   << " connections are open";
      continue;
    }
    connections_.insert(connection);
    asio::co_spawn(io_.context(), Serve(std::move(connection)), asio::detached);
  }
}

asio::awaitable<void> Server::Serve(ConnectionPtr connection) {
  const std::string remote = connection->remote();
  const Result<std::string> peer = co_await AdmitInTime(connection);
  if (peer.ok()) {
    const Error why = co_await HandOut(connection, *peer);
    if (connection->rubbish()) Reject(remote, Error(*peer, why));
    VLOG(1) << *peer << " at " << remote << " left: " << why.message();
  } else {
    Reject(remote, peer.error());
  }
  connection->Close();
  connections_.erase(connection);
  if (peer.ok() && handlers_.disconnected && !stopping_) handlers_.disconnected(*peer);
}

asio::awaitable<Result<std::string>> Server::AdmitInTime(ConnectionPtr connection) {
  const Status opened = connection->Open();
  if (!opened.ok()) co_return opened.error();
  const Deadline deadline(io_.context().get_executor(), options_.connect_timeout,
                          [connection] { connection->Close(); });
  Result<std::string> peer = co_await Admit(*connection, options_.secret);
  if (deadline.expired()) co_return Failure("no handshake within the time-out");
  co_return peer;
}

asio::awaitable<Error> Server::HandOut(ConnectionPtr connection, std::string peer) {
  const auto unanswered = std::make_shared<std::atomic<int>>(0);
  const int unanswered_max = kUnansweredFactor * options_.requests_in_flight_max;
  while (true) {
    Result<Message> request = co_await connection->Read(options_.frame_bytes_max);
    if (!request.ok()) co_return request.error();
    if (stopping_) continue;
    const MessageType type = request->header.type;
    if (type == MessageType::kReply || type == MessageType::kErrorReply ||
        type == MessageType::kHandshake) {
      connection->SetRubbish();
      co_return Failure("a frame is no request");
    }
    if (*unanswered >= unanswered_max) {
      connection->SetRubbish();
      co_return Failure("more than " + std::to_string(unanswered_max) + " requests are unanswered");
    }
    Responder responder =
        MakeResponder(request->header, connection->writer(), unanswered, options_.frame_bytes_max);
    handlers_.request(peer, *std::move(request), std::move(responder));
  }
}

void Server::Reject(const std::string& remote, const Error& why) {
  if (stopping_) return;
  ++rejected_;
  LOG(WARNING) << "dropped a peer at " << remote << ": " << why.message();
}

asio::awaitable<void> Server::Stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  local_acceptor_.close(ignored);
  socket_file_ = nullptr;
  const Clock::time_point deadline = Clock::now() + kLinger;
  asio::steady_timer poll(io_.context());
  bool sending = true;
  while (!connections_.empty() && Clock::now() < deadline) {
    if (sending && !Writing()) {
      for (const ConnectionPtr& connection : connections_) connection->ShutDownSending();
      sending = false;
      continue;
    }
    poll.expires_after(kLingerPoll);
    co_await poll.async_wait(kAwait);
  }
  for (const ConnectionPtr& connection : connections_) connection->Close();
}

bool Server::Writing() const {
  return std::any_of(connections_.begin(), connections_.end(),
                     [](const ConnectionPtr& connection) { return !connection->writer()->idle(); });
}

}  // namespace

Result<std::unique_ptr<TransportServer>> TransportServer::Start(const std::string& bind_address,
                                                                uint16_t port,
                                                                const TransportOptions& options,
                                                                Handlers handlers) {
  CHECK(handlers.request != nullptr);
  CHECK_GE(options.requests_in_flight_max, 1);
  auto server = std::make_unique<Server>(options, std::move(handlers));
  PRIMACY_TRY(server->Open(bind_address, port));
  return std::unique_ptr<TransportServer>(std::move(server));
}

}  // namespace primacy
