// The handshake over a connection. Bounded by the frame size of handshakes; the callers bound the
// time.
#pragma once

#include <string>

#include "common/transport/asio.h"
#include "common/transport/connection.h"

namespace primacy::transport {

// Server: the name of a peer that has proved the secret.
asio::awaitable<Result<std::string>> Admit(Connection& connection, const std::string& secret);

// Client: ends well when the server has proved the secret and ours is on its way. A server that
// knows another secret is a usage error.
asio::awaitable<Status> Introduce(Connection& connection, const std::string& name,
                                  const std::string& secret);

}  // namespace primacy::transport
