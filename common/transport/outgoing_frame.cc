#include "common/transport/outgoing_frame.h"

#include <limits>
#include <span>
#include <utility>

#include "common/base/crc32c.h"

namespace primacy::transport {
namespace {

// Completes a frame whose parts are set.
void Seal(const FrameAddress& address, OutgoingFrame& frame) {
  FrameHeader header;
  header.type = address.type;
  header.incarnation = address.incarnation;
  header.request_id = address.request_id;
  header.proto_bytes = static_cast<uint32_t>(frame.proto.size());
  header.payload_crc32c = Crc32c(0, std::as_bytes(std::span(frame.proto)));
  for (std::span<const std::byte> piece : frame.raw.pieces) {
    header.raw_bytes += piece.size();
    header.payload_crc32c = Crc32c(header.payload_crc32c, piece);
  }
  frame.header = EncodeFrameHeader(header);
  frame.bytes = kFrameHeaderBytes + header.proto_bytes + header.raw_bytes;
}

}  // namespace

Result<std::shared_ptr<const OutgoingFrame>> MakeFrame(const FrameAddress& address,
                                                       const google::protobuf::MessageLite& proto,
                                                       RawParts raw, uint64_t frame_bytes_max,
                                                       std::shared_ptr<const void> ticket) {
  const size_t proto_bytes = proto.ByteSizeLong();
  uint64_t bytes = kFrameHeaderBytes + proto_bytes;
  for (std::span<const std::byte> piece : raw.pieces) bytes += piece.size();
  if (bytes > frame_bytes_max || proto_bytes > std::numeric_limits<int32_t>::max()) {
    return Failure("a " + proto.GetTypeName() + " of " + std::to_string(bytes) +
                   " bytes exceeds frame_bytes_max=" + std::to_string(frame_bytes_max));
  }
  auto frame = std::make_shared<OutgoingFrame>();
  CHECK(proto.SerializeToString(&frame->proto)) << proto.GetTypeName();
  frame->raw = std::move(raw);
  frame->ticket = std::move(ticket);
  Seal(address, *frame);
  return std::shared_ptr<const OutgoingFrame>(std::move(frame));
}

std::shared_ptr<const OutgoingFrame> MakeHandshakeFrame(std::string payload) {
  auto owner = std::make_shared<const std::string>(std::move(payload));
  auto frame = std::make_shared<OutgoingFrame>();
  frame->raw.pieces.push_back(std::as_bytes(std::span(*owner)));
  frame->raw.owner = std::move(owner);
  Seal({.type = MessageType::kHandshake}, *frame);
  return frame;
}

}  // namespace primacy::transport
