// A frame ready to be sent: header, protobuf part and the pieces of the raw part, side by side and
// never joined.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/protocol/frame.h"
#include "common/transport/message.h"

namespace primacy::transport {

// Immutable once made; shared by the queue of a connection and, on a client, by the table of
// pending requests.
struct OutgoingFrame {
  std::array<std::byte, kFrameHeaderBytes> header;
  std::string proto;
  RawParts raw;
  uint64_t bytes = 0;                  // all three
  std::shared_ptr<const void> ticket;  // released with the frame
};

struct FrameAddress {
  MessageType type = MessageType::kReply;
  uint32_t incarnation = 0;
  uint64_t request_id = 0;
};

// Serialises and checksums on the calling thread. A frame of more than frame_bytes_max is a
// Failure.
Result<std::shared_ptr<const OutgoingFrame>> MakeFrame(
    const FrameAddress& address, const google::protobuf::MessageLite& proto, RawParts raw,
    uint64_t frame_bytes_max, std::shared_ptr<const void> ticket = nullptr);

// A frame of the handshake: `payload` is its raw part.
std::shared_ptr<const OutgoingFrame> MakeHandshakeFrame(std::string payload);

}  // namespace primacy::transport
