// What handlers and callers see of a frame.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <google/protobuf/message_lite.h>

#include "common/base/result.h"
#include "common/protocol/frame.h"

namespace primacy {

// Memory for raw parts, 64-byte aligned, so that it can be read as keys and floats in place. Not
// zeroed. Buffers that are destroyed are kept for the next ones, up to 64 MiB per process.
class RawBuffer {
 public:
  RawBuffer() = default;
  explicit RawBuffer(size_t bytes);
  RawBuffer(RawBuffer&& other) noexcept;
  RawBuffer& operator=(RawBuffer&& other) noexcept;
  ~RawBuffer();

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return {data_, size_}; }
  // The bytes from `byte_offset` as `count` values of T. The offset must suit T's alignment and the
  // range must fit.
  template <typename T>
  std::span<T> As(size_t byte_offset, size_t count) {
    CHECK_EQ(byte_offset % alignof(T), 0u);
    CHECK_LE(byte_offset, size_);
    CHECK_LE(count, (size_ - byte_offset) / sizeof(T));
    return {reinterpret_cast<T*>(data_ + byte_offset), count};
  }
  template <typename T>
  std::span<const T> As(size_t byte_offset, size_t count) const {
    return const_cast<RawBuffer*>(this)->As<T>(byte_offset, count);
  }

 private:
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// A raw part to send: pieces that are sent one after the other without being joined first. `owner`
// keeps them alive until the frame is sent (and, for a client, answered: a retry sends it again).
struct RawParts {
  std::vector<std::span<const std::byte>> pieces;
  std::shared_ptr<const void> owner;
};

// A received frame, checksums verified.
struct Message {
  FrameHeader header;
  std::string proto;  // serialised protobuf part
  RawBuffer raw;
};

// Parses the protobuf part. A part that does not parse is a Failure that names the message.
template <typename T>
Result<T> ParseProto(const Message& message) {
  T parsed;
  if (!parsed.ParseFromString(message.proto)) {
    return Failure("a peer sent a malformed " + parsed.GetTypeName());
  }
  return parsed;
}

}  // namespace primacy
