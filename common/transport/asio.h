// The parts of Boost.Asio that the transport uses. No header that others include may include this
// one.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace primacy::transport {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// co_await operation(…, kAwait) gives a tuple that begins with an error_code; nothing throws.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace primacy::transport
