#include "common/transport/frame_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/base/crc32c.h"

namespace primacy::transport {
namespace {

// Small frames are received many at a time into this much.
constexpr size_t kBufferBytes = 64 << 10;
// Large parts are received and checksummed in pieces that stay in the second-level cache.
constexpr size_t kPieceBytes = 512 << 10;

Error Ended(const error_code& error) {
  if (error == asio::error::eof) return Failure("the peer closed the connection");
  return Failure("the connection failed: " + error.message());
}

}  // namespace

FrameReader::FrameReader() : buffer_(new std::byte[kBufferBytes]) {}

asio::awaitable<Result<Message>> FrameReader::Read(StreamSocket& socket, uint64_t frame_bytes_max) {
  const Status received = co_await ReadHeader(socket);
  if (!received.ok()) co_return received.error();
  const std::span<const std::byte, kFrameHeaderBytes> bytes(buffer_.get() + begin_,
                                                            kFrameHeaderBytes);
  Result<FrameHeader> header = DecodeFrameHeader(bytes, frame_bytes_max);
  if (!header.ok()) {
    rubbish_ = true;
    co_return header.error();
  }
  begin_ += kFrameHeaderBytes;

  Message message;
  message.header = *header;
  message.proto.resize(header->proto_bytes);
  message.raw = RawBuffer(header->raw_bytes);
  Result<uint32_t> crc =
      co_await ReadInto(socket, std::as_writable_bytes(std::span(message.proto)), 0);
  if (!crc.ok()) co_return crc.error();
  crc = co_await ReadInto(socket, {message.raw.data(), message.raw.size()}, *crc);
  if (!crc.ok()) co_return crc.error();
  if (*crc != header->payload_crc32c) {
    rubbish_ = true;
    co_return Failure("the checksum of a frame differs");
  }
  co_return message;
}

asio::awaitable<Status> FrameReader::ReadHeader(StreamSocket& socket) {
  while (buffered() < kFrameHeaderBytes) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, buffered());
    end_ = buffered();
    begin_ = 0;
    const auto [error, received] = co_await socket.async_read_some(
        asio::buffer(buffer_.get() + end_, kBufferBytes - end_), kAwait);
    if (error) co_return Ended(error);
    end_ += received;
  }
  co_return Ok();
}

asio::awaitable<Result<uint32_t>> FrameReader::ReadInto(StreamSocket& socket,
                                                        std::span<std::byte> target, uint32_t crc) {
  const size_t ready = std::min(buffered(), target.size());
  if (ready > 0) {
    std::memcpy(target.data(), buffer_.get() + begin_, ready);
    crc = Crc32c(crc, target.first(ready));
    target = target.subspan(ready);
    begin_ += ready;
  }
  while (!target.empty()) {
    // The buffer is empty here. What follows the target's last piece comes with it, in the same
    // system call.
    const size_t wanted = std::min(target.size(), kPieceBytes);
    const size_t beyond = wanted == target.size() ? kBufferBytes : 0;
    const std::array<asio::mutable_buffer, 2> buffers = {asio::buffer(target.data(), wanted),
                                                         asio::buffer(buffer_.get(), beyond)};
    const auto [error, received] = co_await socket.async_read_some(buffers, kAwait);
    if (error) co_return Ended(error);
    const size_t taken = std::min(received, wanted);
    crc = Crc32c(crc, target.first(taken));
    target = target.subspan(taken);
    begin_ = 0;
    end_ = received - taken;
  }
  co_return crc;
}

}  // namespace primacy::transport
