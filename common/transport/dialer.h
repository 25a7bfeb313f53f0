// Connects to one endpoint: by its Unix socket where that is here, else by TCP; introduces itself;
// all within one time-out.
#pragma once

#include <memory>
#include <string>

#include "common/transport/asio.h"
#include "common/transport/connection.h"
#include "common/transport/transport.h"

namespace primacy::transport {

// Used on its io thread only, one Dial at a time. Outlives its Dial.
class Dialer {
 public:
  Dialer(asio::any_io_executor executor, Endpoint endpoint, std::string name,
         const TransportOptions& options);

  // The error names the endpoint. A server with another secret is a usage error, all else a
  // failure.
  asio::awaitable<Result<std::shared_ptr<Connection>>> Dial();
  // The Dial in progress, if any, fails soon.
  void Cancel();

 private:
  asio::awaitable<Status> Connect(Connection& connection);
  // False when the endpoint has no Unix socket that can be reached from here.
  bool ConnectLocally(StreamSocket& socket) const;
  asio::awaitable<Status> ConnectByTcp(Connection& connection);
  // Addresses need no resolver.
  asio::awaitable<Result<std::vector<StreamEndpoint>>> Resolve();

  const asio::any_io_executor executor_;
  const Endpoint endpoint_;
  const std::string name_;
  const TransportOptions options_;
  tcp::resolver resolver_;
  std::shared_ptr<Connection> connection_;  // the one being made
};

}  // namespace primacy::transport
