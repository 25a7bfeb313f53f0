#include "common/transport/outgoing_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "common/protocol/messages.pb.h"
#include "tests/support/result_matchers.h"

namespace primacy::transport {
namespace {

std::vector<uint8_t> Flatten(const OutgoingFrame& frame) {
  std::vector<uint8_t> bytes;
  const auto add = [&bytes](std::span<const std::byte> piece) {
    for (std::byte byte : piece) bytes.push_back(std::to_integer<uint8_t>(byte));
  };
  add(frame.header);
  add(std::as_bytes(std::span(frame.proto)));
  for (std::span<const std::byte> piece : frame.raw.pieces) add(piece);
  return bytes;
}

const std::array<float, 2> kRow = {1.0f, -2.0f};

Result<std::shared_ptr<const OutgoingFrame>> ExampleReply(RawParts raw, uint64_t frame_bytes_max) {
  PullReply reply;
  reply.set_version(5);
  return MakeFrame({.type = MessageType::kReply, .incarnation = 2, .request_id = 7}, reply,
                   std::move(raw), frame_bytes_max);
}

RawParts OnePiece() { return {{std::as_bytes(std::span(kRow))}, nullptr}; }

// The example of docs/formats/wire.md.
TEST(OutgoingFrame, GoldenBytes) {
  const auto frame = ExampleReply(OnePiece(), 1000);
  ASSERT_OK(frame);
  const std::vector<uint8_t> expected = {
      0x50, 0x52, 0x4D, 0x57, 0x01, 0x00, 0x01, 0x00,  //
      0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00,  //
      0x07, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  //
      0x5D, 0x4F, 0xE8, 0xA9, 0xB5, 0xE5, 0x79, 0xEC,  //
      0x08, 0x05,                                      //
      0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0,
  };
  EXPECT_EQ(Flatten(**frame), expected);
  EXPECT_EQ((*frame)->bytes, expected.size());
}

TEST(OutgoingFrame, PiecesAreNotJoinedAndChangeNoByte) {
  const auto bytes = std::as_bytes(std::span(kRow));
  const auto whole = ExampleReply(OnePiece(), 1000);
  const auto pieces = ExampleReply({{bytes.first(3), {}, bytes.subspan(3)}, nullptr}, 1000);
  ASSERT_OK(whole);
  ASSERT_OK(pieces);
  EXPECT_EQ(Flatten(**pieces), Flatten(**whole));
  EXPECT_EQ((*pieces)->raw.pieces[2].data(), bytes.data() + 3);
}

TEST(OutgoingFrame, TheLimitIsOfTheWholeFrame) {
  EXPECT_OK(ExampleReply(OnePiece(), 50));
  const auto refused = ExampleReply(OnePiece(), 49);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "a primacy.PullReply of 50 bytes exceeds frame_bytes_max=49");
}

TEST(OutgoingFrame, ReleasesItsTicketWithItself) {
  const auto ticket = std::make_shared<int>();
  auto frame = MakeFrame({}, Empty(), {}, 1000, ticket);
  ASSERT_OK(frame);
  EXPECT_EQ(ticket.use_count(), 2);
  frame->reset();
  EXPECT_EQ(ticket.use_count(), 1);
}

}  // namespace
}  // namespace primacy::transport
