#include "common/protocol/frame.h"

#include <bit>
#include <cstring>

#include "common/base/crc32c.h"

namespace primacy {
namespace {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

constexpr std::array<char, 4> kMagic = {'P', 'R', 'M', 'W'};
constexpr uint16_t kVersion = 1;

// Offsets of the header's fields, as in docs/formats/wire.md.
constexpr size_t kMagicAt = 0;
constexpr size_t kVersionAt = 4;
constexpr size_t kTypeAt = 6;
constexpr size_t kIncarnationAt = 8;
constexpr size_t kProtoBytesAt = 12;
constexpr size_t kRequestIdAt = 16;
constexpr size_t kRawBytesAt = 24;
constexpr size_t kPayloadCrcAt = 32;
constexpr size_t kHeaderCrcAt = 36;
static_assert(kHeaderCrcAt + sizeof(uint32_t) == kFrameHeaderBytes);

template <typename T>
void Put(std::span<std::byte> bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

template <typename T>
T Get(std::span<const std::byte> bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

}  // namespace

std::array<std::byte, kFrameHeaderBytes> EncodeFrameHeader(const FrameHeader& header) {
  std::array<std::byte, kFrameHeaderBytes> bytes{};
  Put(bytes, kMagicAt, kMagic);
  Put(bytes, kVersionAt, kVersion);
  Put(bytes, kTypeAt, static_cast<uint16_t>(header.type));
  Put(bytes, kIncarnationAt, header.incarnation);
  Put(bytes, kProtoBytesAt, header.proto_bytes);
  Put(bytes, kRequestIdAt, header.request_id);
  Put(bytes, kRawBytesAt, header.raw_bytes);
  Put(bytes, kPayloadCrcAt, header.payload_crc32c);
  Put(bytes, kHeaderCrcAt, Crc32c(0, std::span(bytes).first(kHeaderCrcAt)));
  return bytes;
}

Result<FrameHeader> DecodeFrameHeader(std::span<const std::byte, kFrameHeaderBytes> bytes,
                                      uint64_t frame_bytes_max) {
  if (Get<std::array<char, 4>>(bytes, kMagicAt) != kMagic) {
    return Failure("not a frame of Primacy's protocol");
  }
  if (Get<uint32_t>(bytes, kHeaderCrcAt) != Crc32c(0, bytes.first(kHeaderCrcAt))) {
    return Failure("the checksum of a frame header differs");
  }
  const uint16_t version = Get<uint16_t>(bytes, kVersionAt);
  if (version != kVersion) {
    return Failure("a frame has version " + std::to_string(version) +
                   " of the protocol, this program speaks " + std::to_string(kVersion));
  }
  FrameHeader header;
  header.type = static_cast<MessageType>(Get<uint16_t>(bytes, kTypeAt));
  header.incarnation = Get<uint32_t>(bytes, kIncarnationAt);
  header.proto_bytes = Get<uint32_t>(bytes, kProtoBytesAt);
  header.request_id = Get<uint64_t>(bytes, kRequestIdAt);
  header.raw_bytes = Get<uint64_t>(bytes, kRawBytesAt);
  header.payload_crc32c = Get<uint32_t>(bytes, kPayloadCrcAt);
  // Ordered so that no sum overflows.
  const uint64_t head = kFrameHeaderBytes + uint64_t{header.proto_bytes};
  if (head > frame_bytes_max || header.raw_bytes > frame_bytes_max - head) {
    return Failure("a frame of " + std::to_string(header.proto_bytes) + " + " +
                   std::to_string(header.raw_bytes) +
                   " bytes exceeds frame_bytes_max=" + std::to_string(frame_bytes_max));
  }
  return header;
}

}  // namespace primacy
