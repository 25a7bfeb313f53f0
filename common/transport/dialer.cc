#include "common/transport/dialer.h"

#include <sys/socket.h>

#include <utility>
#include <vector>

#include "common/transport/deadline.h"
#include "common/transport/handshake_io.h"
#include "common/transport/host_id.h"

namespace primacy::transport {

Dialer::Dialer(asio::any_io_executor executor, Endpoint endpoint, std::string name,
               const TransportOptions& options)
    : executor_(std::move(executor)),
      endpoint_(std::move(endpoint)),
      name_(std::move(name)),
      options_(options),
      resolver_(executor_) {}

asio::awaitable<Result<std::shared_ptr<Connection>>> Dialer::Dial() {
  connection_ = Connection::Make(StreamSocket(executor_));
  const Deadline deadline(executor_, options_.connect_timeout, [this] { Cancel(); });
  const Status connected = co_await Connect(*connection_);
  std::shared_ptr<Connection> connection = std::exchange(connection_, nullptr);
  const std::string where = "connecting to " + endpoint_.ToString();
  if (connected.ok() && !connection->closed()) co_return connection;
  connection->Close();
  if (deadline.expired()) {
    co_return Failure(where + ": no answer within " +
                      std::to_string(options_.connect_timeout.count()) + " ms");
  }
  if (connected.ok()) co_return Failure(where + ": given up");
  co_return Error(where, connected.error());
}

void Dialer::Cancel() {
  resolver_.cancel();
  if (connection_ != nullptr) connection_->Close();
}

asio::awaitable<Status> Dialer::Connect(Connection& connection) {
  if (!ConnectLocally(connection.socket())) {
    const Status connected = co_await ConnectByTcp(connection);
    if (!connected.ok()) co_return connected;
  }
  const Status opened = connection.Open();
  if (!opened.ok()) co_return opened;
  co_return co_await Introduce(connection, name_, options_.secret);
}

// The system connects Unix sockets at once or not at all: when the server's queue is full, TCP
// waits for it.
bool Dialer::ConnectLocally(StreamSocket& socket) const {
  if (endpoint_.unix_path.empty() || endpoint_.host_id != HostId()) return false;
  if (endpoint_.unix_path.size() > kUnixPathBytesMax) return false;
  const asio::local::stream_protocol::endpoint address(endpoint_.unix_path);
  error_code error;
  socket.open(address.protocol(), error);
  if (!error) socket.non_blocking(true, error);
  if (!error && ::connect(socket.native_handle(), address.data(), address.size()) == 0) return true;
  VLOG(1) << endpoint_.unix_path << " cannot be reached, trying TCP";
  socket.close(error);
  return false;
}

asio::awaitable<Status> Dialer::ConnectByTcp(Connection& connection) {
  const Result<std::vector<StreamEndpoint>> addresses = co_await Resolve();
  if (!addresses.ok()) co_return addresses.error();
  if (connection.closed()) co_return Failure("given up");
  const auto [error, address] =
      co_await asio::async_connect(connection.socket(), *addresses, kAwait);
  if (error) co_return Failure(error.message());
  co_return Ok();
}

asio::awaitable<Result<std::vector<StreamEndpoint>>> Dialer::Resolve() {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(endpoint_.host, error);
  if (!error) co_return std::vector<StreamEndpoint>{tcp::endpoint(address, endpoint_.port)};
  const auto [failed, results] =
      co_await resolver_.async_resolve(endpoint_.host, std::to_string(endpoint_.port), kAwait);
  if (failed) co_return Failure("the host name is not known: " + failed.message());
  std::vector<StreamEndpoint> addresses;
  for (const auto& result : results) addresses.emplace_back(result.endpoint());
  co_return addresses;
}

}  // namespace primacy::transport
