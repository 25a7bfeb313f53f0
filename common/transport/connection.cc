#include "common/transport/connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace primacy::transport {
namespace {

// Asked for; the system may have a lower limit. What a Unix socket holds lets sender and receiver
// run at the same time, and is the sender's.
constexpr int kLocalBufferBytes = 1 << 20;

void Set(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof(value));
}

// A host that is gone without a word is noticed within half a minute, whether anything is being
// sent or not.
void NoticeDeadHosts(int socket) {
  Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 15);
  Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 5);
  Set(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
  Set(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
}

}  // namespace

std::shared_ptr<Connection> Connection::Make(StreamSocket socket) {
  std::shared_ptr<Connection> connection(new Connection(std::move(socket)));
  // Called under the writer's lock while the connection is open, so the io_context still runs.
  auto wait_writable = [executor = connection->socket_.get_executor(),
                        weak = std::weak_ptr<Connection>(connection)] {
    asio::post(executor, [weak] {
      std::shared_ptr<Connection> self = weak.lock();
      if (self == nullptr || self->closed_) return;
      asio::co_spawn(self->socket_.get_executor(), FlushWhenWritable(self), asio::detached);
    });
  };
  connection->writer_ = std::make_shared<FrameWriter>(std::move(wait_writable));
  return connection;
}

Connection::~Connection() { Close(); }

Status Connection::Open() {
  error_code error;
  socket_.non_blocking(true, error);
  if (!error && IsLocal()) {
    Set(socket_.native_handle(), SOL_SOCKET, SO_SNDBUF, kLocalBufferBytes);
  } else if (!error) {
    socket_.set_option(tcp::no_delay(true), error);
    NoticeDeadHosts(socket_.native_handle());
  }
  if (error) return Failure("setting up a connection: " + error.message());
  ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
  writer_->Open(socket_.native_handle());
  return Ok();
}

bool Connection::IsLocal() const {
  error_code error;
  return socket_.local_endpoint(error).protocol().family() == AF_UNIX;
}

std::string Connection::remote() const {
  if (IsLocal()) {
    ucred peer{};
    socklen_t size = sizeof(peer);
    ::getsockopt(const_cast<StreamSocket&>(socket_).native_handle(), SOL_SOCKET, SO_PEERCRED, &peer,
                 &size);
    return "process " + std::to_string(peer.pid) + " of this host";
  }
  error_code error;
  const StreamEndpoint endpoint = socket_.remote_endpoint(error);
  if (error) return "an unknown address";
  const tcp::endpoint address = AsTcp(endpoint);
  return address.address().to_string() + ":" + std::to_string(address.port());
}

void Connection::ShutDownSending() {
  error_code ignored;
  socket_.shutdown(StreamSocket::shutdown_send, ignored);
}

void Connection::Close() {
  closed_ = true;
  writer_->Close();  // first: another thread may be writing to the descriptor
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Connection::FlushWhenWritable(std::shared_ptr<Connection> self) {
  do {
    const auto [error] = co_await self->socket_.async_wait(StreamSocket::wait_write, kAwait);
    if (error) co_return;
  } while (self->writer_->Flush());
}

}  // namespace primacy::transport
