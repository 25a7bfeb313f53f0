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

}  // namespace

Result<tcp::acceptor> Listen(asio::io_context& context, const std::string& host, uint16_t port) {
  PRIMACY_ASSIGN(const asio::ip::address address, Resolve(context, host));
  const tcp::endpoint endpoint(address, port);
  tcp::acceptor acceptor(context);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  // Ports of a server that has just ended can be taken again; a port that is being listened on
  // cannot.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) {
    // A process started from this one must not keep the port.
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    return acceptor;
  }
  const std::string where = host + ":" + std::to_string(port);
  if (error == asio::error::address_in_use) return UsageError("port in use: " + where);
  return UsageError("cannot listen on " + where + ": " + error.message());
}

}  // namespace primacy::transport
