#include "common/transport/listener.h"

#include <fcntl.h>

#include <utility>

namespace primacy::transport {
namespace {

Result<asio::ip::address> Resolve(asio::io_context& context, const std::string& host) {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (!error) return address;
  const auto results = tcp::resolver(context).resolve(host, "", error);
  if (error) return UsageError("the bind address '" + host + "' is not known: " + error.message());
  return results.begin()->endpoint().address();
}

// Binds and listens.
StreamAcceptor ListenAt(asio::io_context& context, const StreamEndpoint& endpoint,
                        error_code& error) {
  StreamAcceptor acceptor(context);
  acceptor.open(endpoint.protocol(), error);
  // Ports of a server that has just ended can be taken again; a port that is being listened on
  // cannot.
  if (!error) acceptor.set_option(StreamAcceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(StreamAcceptor::max_listen_connections, error);
  // A process started from this one must not keep the port.
  if (!error) ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  return acceptor;
}

}  // namespace

Result<StreamAcceptor> Listen(asio::io_context& context, const std::string& host, uint16_t port) {
  PRIMACY_ASSIGN(const asio::ip::address address, Resolve(context, host));
  error_code error;
  StreamAcceptor acceptor = ListenAt(context, tcp::endpoint(address, port), error);
  if (!error) return acceptor;
  const std::string where = host + ":" + std::to_string(port);
  if (error == asio::error::address_in_use) return UsageError("port in use: " + where);
  return UsageError("cannot listen on " + where + ": " + error.message());
}

Result<StreamAcceptor> ListenLocally(asio::io_context& context, const std::string& path) {
  error_code error;
  StreamAcceptor acceptor = ListenAt(context, asio::local::stream_protocol::endpoint(path), error);
  if (!error) return acceptor;
  return Failure("cannot listen on " + path + ": " + error.message());
}

}  // namespace primacy::transport
