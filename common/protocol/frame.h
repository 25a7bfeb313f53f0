// The unit of the wire: a fixed header, a protobuf part and a raw part. No I/O here. Format:
// docs/formats/wire.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "common/base/result.h"

namespace primacy {

enum class MessageType : uint16_t {
  kReply = 1,
  kErrorReply = 2,
  kHandshake = 3,
  kPull = 10,
  kPush = 11,
  kWorkerIdle = 12,
  kKeys = 13,
  kJoin = 20,
  kHeartbeat = 21,
  kNext = 22,
  kStep = 23,
  kStepLosses = 24,
  kLease = 25,
  kNorm = 26,
  kGram = 27,
  kSaved = 28,
  kStop = 30,
  kStatus = 31,
};

struct FrameHeader {
  MessageType type = MessageType::kReply;
  uint32_t incarnation = 0;
  uint64_t request_id = 0;
  uint32_t proto_bytes = 0;
  uint64_t raw_bytes = 0;
  uint32_t payload_crc32c = 0;  // of the protobuf part followed by the raw part
};

inline constexpr size_t kFrameHeaderBytes = 40;

// Little-endian, with magic, version and a checksum of the header itself.
std::array<std::byte, kFrameHeaderBytes> EncodeFrameHeader(const FrameHeader& header);
// Refuses a wrong magic, version or header checksum, and a frame of more than frame_bytes_max,
// before anything is allocated.
Result<FrameHeader> DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                      uint64_t frame_bytes_max);

}  // namespace primacy
