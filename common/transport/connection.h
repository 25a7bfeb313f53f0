// One connection, over TCP or a Unix socket: a socket with its reading and its writing half.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "common/transport/asio.h"
#include "common/transport/frame_reader.h"
#include "common/transport/frame_writer.h"

namespace primacy::transport {

// Used on its io thread only, but for the writer. Dies before the io_context does.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  static std::shared_ptr<Connection> Make(StreamSocket socket);
  ~Connection();

  // Once the socket is connected: sets its options and opens the writer.
  Status Open();
  asio::awaitable<Result<Message>> Read(uint64_t frame_bytes_max) {
    return reader_.Read(socket_, frame_bytes_max);
  }
  // The peer broke the protocol.
  bool rubbish() const { return rubbish_ || reader_.rubbish(); }
  void SetRubbish() { rubbish_ = true; }
  const std::shared_ptr<FrameWriter>& writer() const { return writer_; }
  StreamSocket& socket() { return socket_; }
  // "10.0.0.2:41234", or "process 4711 of this host"; for the log.
  std::string remote() const;
  // Over a Unix socket.
  bool IsLocal() const;

  // Tells the peer that no more will come; it can still be read from.
  void ShutDownSending();
  // Ends all reads and writes. May be repeated.
  void Close();
  bool closed() const { return closed_; }

 private:
  explicit Connection(StreamSocket socket) : socket_(std::move(socket)) {}
  static asio::awaitable<void> FlushWhenWritable(std::shared_ptr<Connection> self);

  StreamSocket socket_;
  FrameReader reader_;
  std::shared_ptr<FrameWriter> writer_;
  bool closed_ = false;
  bool rubbish_ = false;
};

}  // namespace primacy::transport
