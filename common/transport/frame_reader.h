// The receiving half of a connection: frames from a socket, large parts received straight into
// their final place.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "common/base/result.h"
#include "common/transport/asio.h"
#include "common/transport/message.h"

namespace primacy::transport {

// Used on one io thread only, one read at a time.
class FrameReader {
 public:
  FrameReader();

  // The next frame, its checksums verified. Fails when the connection ends, and when the bytes are
  // no frame; nothing can be read after that.
  asio::awaitable<Result<Message>> Read(StreamSocket& socket, uint64_t frame_bytes_max);
  // The failure was the peer's: bytes that are no frame.
  bool rubbish() const { return rubbish_; }

 private:
  asio::awaitable<Status> ReadHeader(StreamSocket& socket);
  // Fills `target` and returns its checksum, continuing `crc`.
  asio::awaitable<Result<uint32_t>> ReadInto(StreamSocket& socket, std::span<std::byte> target,
                                             uint32_t crc);
  size_t buffered() const { return end_ - begin_; }

  // Bytes received beyond what was asked for: [begin_, end_) of buffer_.
  std::unique_ptr<std::byte[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool rubbish_ = false;
};

}  // namespace primacy::transport
