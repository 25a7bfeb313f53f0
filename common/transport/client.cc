#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/dialer.h"
#include "common/transport/handshake.h"
#include "common/transport/io_thread.h"
#include "common/transport/request_table.h"
#include "common/transport/spin.h"
#include "common/transport/transport.h"

namespace primacy {
namespace {

using namespace transport;  // NOLINT: this file is the inside of that namespace

// Why requests fail that could not be sent again.
Error AfterLoss(const std::optional<Error>& lost, const Error& dialling) {
  if (!lost.has_value()) return dialling;
  return Failure("the connection was lost (" + lost->message() + "), then " + dialling.message());
}

// Threads that call serialise, checksum and write their frames themselves; the io thread reads
// replies, keeps time and mends the connection. A session is one coroutine of the io thread:
// connect, send what is pending, read, and again while requests are pending.
class Client final : public TransportClient {
 public:
  Client(const Endpoint& endpoint, const std::string& name, const TransportOptions& options)
      : TransportClient(UsefulSpin(options.spin)),
        endpoint_(endpoint.ToString()),
        options_(options),
        io_(options.spin),
        dialer_(io_.context().get_executor(), endpoint, name, options),
        timer_(io_.context()),
        table_(options.connect_timeout) {}
  ~Client() override;

  Status ConnectFirst();
  void Call(MessageType type, uint32_t incarnation, const google::protobuf::MessageLite& proto,
            RawParts raw, Callback callback) override {
    std::optional<Clock::time_point> deadline;
    if (options_.request_timeout.count() > 0) deadline = Clock::now() + options_.request_timeout;
    CallUntil(deadline, type, incarnation, proto, std::move(raw), std::move(callback));
  }
  void CallNoTimeout(MessageType type, uint32_t incarnation,
                     const google::protobuf::MessageLite& proto, RawParts raw,
                     Callback callback) override {
    CallUntil(std::nullopt, type, incarnation, proto, std::move(raw), std::move(callback));
  }

 private:
  enum class State { kDown, kConnecting, kConnected, kClosed };

  void CallUntil(std::optional<Clock::time_point> deadline, MessageType type, uint32_t incarnation,
                 const google::protobuf::MessageLite& proto, RawParts raw, Callback callback);
  // Makes the request pending and has it sent. False when the client is closed.
  bool Enter(uint64_t id, PendingRequest& request) EXCLUDES(mutex_);

  // `first`, where there is one, learns how the first connection went.
  asio::awaitable<void> Session(std::shared_ptr<std::promise<Status>> first);
  // False when the client was closed meanwhile.
  bool Connected(const std::shared_ptr<Connection>& connection) EXCLUDES(mutex_);
  asio::awaitable<Error> ReadReplies(Connection& connection);
  void Deliver(Message reply) EXCLUDES(mutex_);
  // True when requests are to be sent again.
  bool Lost(const Error& why) EXCLUDES(mutex_);
  void FailAll(const Error& error) EXCLUDES(mutex_);
  void FailEach(std::vector<PendingRequest> requests, const Error& error);
  void ArmTimer(Clock::time_point at);
  void Expire() EXCLUDES(mutex_);
  Error Closed() const { return Failure("the connection to " + endpoint_ + " was closed here"); }

  const std::string endpoint_;
  const TransportOptions options_;
  std::atomic<uint64_t> next_id_{1};

  IoThread io_;
  Dialer dialer_;                           // io thread
  asio::steady_timer timer_;                // io thread
  std::shared_ptr<Connection> connection_;  // io thread; null unless connected

  Mutex mutex_;
  CondVar has_room_;
  State state_ GUARDED_BY(mutex_) = State::kConnecting;
  RequestTable table_ GUARDED_BY(mutex_);
  std::shared_ptr<FrameWriter> writer_ GUARDED_BY(mutex_);  // null unless connected
  bool timer_armed_ GUARDED_BY(mutex_) = false;
};

Client::~Client() {
  CHECK(!io_.OnThread()) << "a client cannot be destroyed in its own callback";
  {
    MutexLock lock(mutex_);
    state_ = State::kClosed;
    writer_ = nullptr;
    has_room_.NotifyAll();
  }
  asio::post(io_.context(), [this] {
    dialer_.Cancel();
    if (connection_ != nullptr) connection_->Close();
    FailAll(Closed());
    timer_.cancel();
  });
  io_.Join();
}

Status Client::ConnectFirst() {
  auto first = std::make_shared<std::promise<Status>>();
  std::future<Status> connected = first->get_future();
  asio::co_spawn(io_.context(), Session(std::move(first)), asio::detached);
  return connected.get();
}

void Client::CallUntil(std::optional<Clock::time_point> deadline, MessageType type,
                       uint32_t incarnation, const google::protobuf::MessageLite& proto,
                       RawParts raw, Callback callback) {
  const uint64_t id = next_id_.fetch_add(1, std::memory_order_relaxed);
  Result<std::shared_ptr<const OutgoingFrame>> frame =
      MakeFrame({type, incarnation, id}, proto, std::move(raw), options_.frame_bytes_max);
  if (!frame.ok()) {
    asio::post(io_.context(),
               [callback = std::move(callback), error = frame.error()] { callback(error); });
    return;
  }
  PendingRequest request{*std::move(frame), std::move(callback), deadline};
  if (Enter(id, request)) return;
  asio::post(io_.context(), [this, callback = std::move(request.callback)] { callback(Closed()); });
}

bool Client::Enter(uint64_t id, PendingRequest& request) {
  const std::shared_ptr<const OutgoingFrame> frame = request.frame;
  std::shared_ptr<FrameWriter> writer;
  {
    MutexLock lock(mutex_);
    while (table_.size() >= static_cast<size_t>(options_.requests_in_flight_max) &&
           state_ != State::kClosed && !io_.OnThread()) {
      has_room_.Wait(mutex_);
    }
    if (state_ == State::kClosed) return false;
    if (request.deadline.has_value() && !timer_armed_) {
      // No request has an earlier deadline: they all have the same time.
      timer_armed_ = true;
      asio::post(io_.context(), [this, at = *request.deadline] { ArmTimer(at); });
    }
    request.sent_at = Clock::now();
    table_.Add(id, std::move(request));
    if (state_ == State::kDown) {
      state_ = State::kConnecting;
      asio::co_spawn(io_.context(), Session(nullptr), asio::detached);
    }
    writer = writer_;
  }
  // If the connection breaks before this, the writer drops the frame, and the session sends it on
  // the next connection.
  if (writer != nullptr) writer->Send(frame);
  return true;
}

asio::awaitable<void> Client::Session(std::shared_ptr<std::promise<Status>> first) {
  std::optional<Error> lost;  // why the connection before ended
  do {
    const Result<std::shared_ptr<Connection>> dialled = co_await dialer_.Dial();
    if (!dialled.ok()) FailAll(AfterLoss(lost, dialled.error()));
    const bool connected = dialled.ok() && Connected(*dialled);
    if (first != nullptr) {
      std::exchange(first, nullptr)->set_value(dialled.ok() ? Ok() : Status(dialled.error()));
    }
    if (!connected) co_return;
    lost = co_await ReadReplies(*connection_);
  } while (Lost(*lost));
}

bool Client::Connected(const std::shared_ptr<Connection>& connection) {
  MutexLock lock(mutex_);
  if (state_ == State::kClosed) return false;
  connection_ = connection;
  state_ = State::kConnected;
  writer_ = connection->writer();
  // With the lock, so that a later call is not sent before these.
  for (auto& frame : table_.Resend(Clock::now())) writer_->Send(std::move(frame));
  return true;
}

asio::awaitable<Error> Client::ReadReplies(Connection& connection) {
  while (true) {
    Result<Message> message = co_await connection.Read(options_.frame_bytes_max);
    if (!message.ok()) co_return message.error();
    const MessageType type = message->header.type;
    if (type != MessageType::kReply && type != MessageType::kErrorReply) {
      co_return Failure("the server sent a frame that is no reply");
    }
    Deliver(*std::move(message));
  }
}

void Client::Deliver(Message reply) {
  std::optional<PendingRequest> request;
  {
    MutexLock lock(mutex_);
    request = table_.Take(reply.header.request_id);
    has_room_.NotifyOne();
  }
  if (!request.has_value()) return;  // answered too late, or twice after a resend
  if (reply.header.type == MessageType::kReply) {
    request->callback(std::move(reply));
    return;
  }
  const Result<ErrorReply> error = ParseProto<ErrorReply>(reply);
  if (!error.ok()) {
    request->callback(error.error());
  } else {
    request->callback(
        Error(error->usage() ? ErrorKind::kUsage : ErrorKind::kFailure, error->message()));
  }
}

bool Client::Lost(const Error& why) {
  std::exchange(connection_, nullptr)->Close();
  std::vector<PendingRequest> failed;
  bool again = false;
  {
    MutexLock lock(mutex_);
    writer_ = nullptr;
    failed = table_.TakeLost(Clock::now());
    again = state_ != State::kClosed && table_.size() > 0;
    if (state_ != State::kClosed) state_ = again ? State::kConnecting : State::kDown;
    has_room_.NotifyAll();
  }
  FailEach(std::move(failed), Error("the connection to " + endpoint_ + " was lost twice", why));
  return again;
}

void Client::FailAll(const Error& error) {
  std::vector<PendingRequest> failed;
  {
    MutexLock lock(mutex_);
    if (state_ != State::kClosed) state_ = State::kDown;
    failed = table_.TakeAll();
    has_room_.NotifyAll();
  }
  FailEach(std::move(failed), error);
}

void Client::FailEach(std::vector<PendingRequest> requests, const Error& error) {
  for (PendingRequest& request : requests) request.callback(error);
}

void Client::ArmTimer(Clock::time_point at) {
  timer_.expires_at(at);
  timer_.async_wait([this](error_code error) {
    if (!error) Expire();
  });
}

void Client::Expire() {
  std::vector<PendingRequest> expired;
  std::optional<Clock::time_point> next;
  {
    MutexLock lock(mutex_);
    if (state_ == State::kClosed) return;
    expired = table_.TakeExpired(Clock::now());
    next = table_.NextDeadline();
    timer_armed_ = next.has_value();
    has_room_.NotifyAll();
  }
  if (next.has_value()) ArmTimer(*next);
  FailEach(std::move(expired), Failure("no answer from " + endpoint_ + " within " +
                                       std::to_string(options_.request_timeout.count()) + " ms"));
}

}  // namespace

Result<std::unique_ptr<TransportClient>> TransportClient::Connect(const Endpoint& endpoint,
                                                                  const std::string& name,
                                                                  const TransportOptions& options) {
  CHECK(IsPeerName(name)) << "'" << name << "' is no name of a peer";
  CHECK_GE(options.requests_in_flight_max, 1);
  auto client = std::make_unique<Client>(endpoint, name, options);
  PRIMACY_TRY(client->ConnectFirst());
  return std::unique_ptr<TransportClient>(std::move(client));
}

}  // namespace primacy
