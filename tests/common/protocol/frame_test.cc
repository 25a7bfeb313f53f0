#include "common/protocol/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "common/base/crc32c.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using Bytes = std::array<std::byte, kFrameHeaderBytes>;

constexpr uint64_t kMax = 1 << 20;

FrameHeader Example() {
  FrameHeader header;
  header.type = MessageType::kPull;
  header.incarnation = 3;
  header.request_id = 0x0102030405060708;
  header.proto_bytes = 5;
  header.raw_bytes = 16;
  header.payload_crc32c = 0xE3069283;
  return header;
}

// The header with other bytes at `at` and a checksum that suits them.
Bytes Forge(size_t at, std::initializer_list<uint8_t> values) {
  Bytes bytes = EncodeFrameHeader(Example());
  for (uint8_t value : values) bytes[at++] = std::byte{value};
  const uint32_t crc = Crc32c(0, std::span(bytes).first(36));
  std::memcpy(bytes.data() + 36, &crc, sizeof(crc));
  return bytes;
}

TEST(Frame, GoldenBytes) {
  constexpr std::array<uint8_t, kFrameHeaderBytes> kGolden = {
      'P',  'R',  'M',  'W',                           // magic
      0x01, 0x00,                                      // version
      0x0A, 0x00,                                      // type: pull
      0x03, 0x00, 0x00, 0x00,                          // incarnation
      0x05, 0x00, 0x00, 0x00,                          // proto_bytes
      0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,  // request_id
      0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // raw_bytes
      0x83, 0x92, 0x06, 0xE3,                          // payload_crc32c
      0x9D, 0x4E, 0xB1, 0x31,                          // header_crc32c
  };
  const Bytes bytes = EncodeFrameHeader(Example());
  for (size_t i = 0; i < kGolden.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(bytes[i]), kGolden[i]) << "at " << i;
  }
}

TEST(Frame, DecodesWhatItEncodes) {
  const Result<FrameHeader> header = DecodeFrameHeader(EncodeFrameHeader(Example()), kMax);
  ASSERT_OK(header);
  EXPECT_EQ(header->type, MessageType::kPull);
  EXPECT_EQ(header->incarnation, 3u);
  EXPECT_EQ(header->request_id, 0x0102030405060708u);
  EXPECT_EQ(header->proto_bytes, 5u);
  EXPECT_EQ(header->raw_bytes, 16u);
  EXPECT_EQ(header->payload_crc32c, 0xE3069283u);
}

TEST(Frame, RefusesEveryBitFlip) {
  const Bytes whole = EncodeFrameHeader(Example());
  for (size_t bit = 0; bit < 8 * kFrameHeaderBytes; ++bit) {
    Bytes bytes = whole;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(DecodeFrameHeader(bytes, kMax).ok()) << "bit " << bit;
  }
}

TEST(Frame, SaysWhatIsWrong) {
  const auto error = [](const Bytes& bytes) {
    return DecodeFrameHeader(bytes, kMax).error().message();
  };
  EXPECT_THAT(error(Forge(0, {'H', 'T', 'T', 'P'})), HasSubstr("not a frame"));
  EXPECT_THAT(error(Forge(4, {9, 0})), HasSubstr("version 9"));
  Bytes bytes = EncodeFrameHeader(Example());
  bytes[16] ^= std::byte{1};
  EXPECT_THAT(error(bytes), HasSubstr("checksum"));
}

TEST(Frame, TheLimitIsOfTheWholeFrame) {
  const Bytes bytes = EncodeFrameHeader(Example());
  EXPECT_OK(DecodeFrameHeader(bytes, kFrameHeaderBytes + 5 + 16));
  const Result<FrameHeader> refused = DecodeFrameHeader(bytes, kFrameHeaderBytes + 5 + 15);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(refused.error().message(), HasSubstr("frame_bytes_max=60"));
}

TEST(Frame, LengthsWhoseSumOverflowsAreRefused) {
  FrameHeader header = Example();
  header.raw_bytes = std::numeric_limits<uint64_t>::max() - 10;
  EXPECT_FALSE(DecodeFrameHeader(EncodeFrameHeader(header), kMax).ok());
  EXPECT_FALSE(
      DecodeFrameHeader(EncodeFrameHeader(header), std::numeric_limits<uint64_t>::max()).ok());
  header = Example();
  header.proto_bytes = std::numeric_limits<uint32_t>::max();
  EXPECT_FALSE(DecodeFrameHeader(EncodeFrameHeader(header), kMax).ok());
  // A limit that is smaller than a header refuses all.
  EXPECT_FALSE(DecodeFrameHeader(EncodeFrameHeader(FrameHeader()), kFrameHeaderBytes - 1).ok());
}

}  // namespace
}  // namespace primacy
