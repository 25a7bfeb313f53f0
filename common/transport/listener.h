// Listening sockets.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/transport/asio.h"

namespace primacy::transport {

// Binds host:port (port 0: a free one) and listens. An address that cannot be bound is a usage
// error that names it.
Result<StreamAcceptor> Listen(asio::io_context& context, const std::string& host, uint16_t port);

// Listens on a Unix socket at `path`, where nothing is yet.
Result<StreamAcceptor> ListenLocally(asio::io_context& context, const std::string& path);

}  // namespace primacy::transport
