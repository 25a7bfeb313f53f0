// The parts of Boost.Asio that the transport uses. No header that others include may include this
// one.
#pragma once

#include <algorithm>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace primacy::transport {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// TCP or Unix: what is common to both.
using StreamProtocol = asio::generic::stream_protocol;
using StreamEndpoint = StreamProtocol::endpoint;
using StreamSocket = StreamProtocol::socket;
using StreamAcceptor = asio::basic_socket_acceptor<StreamProtocol>;

// co_await operation(…, kAwait) gives a tuple that begins with an error_code; nothing throws.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// Of a TCP socket.
inline tcp::endpoint AsTcp(const StreamEndpoint& endpoint) {
  tcp::endpoint address;
  std::memcpy(address.data(), endpoint.data(), std::min(endpoint.size(), address.capacity()));
  address.resize(endpoint.size());
  return address;
}

}  // namespace primacy::transport
