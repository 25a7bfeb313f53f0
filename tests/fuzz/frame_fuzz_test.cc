// Frames damaged at random, from a fixed seed: the decoder and a server must refuse them or read
// them rightly, never anything else.
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "common/base/crc32c.h"
#include "common/base/hash.h"
#include "common/protocol/frame.h"
#include "common/transport/handshake.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/common/transport/raw_peer.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using HeaderBytes = std::array<std::byte, kFrameHeaderBytes>;

// Draws from one stream of the counter-based generator.
class Random {
 public:
  explicit Random(uint64_t seed) : seed_(seed) {}
  uint64_t Bits() { return RandomBits(seed_, counter_++); }
  uint64_t Below(uint64_t bound) { return RandomBelow(seed_, counter_++, bound); }

 private:
  const uint64_t seed_;
  uint64_t counter_ = 0;
};

// A number such as limits are missed with: small, a power of two, all ones, or any.
uint64_t Awkward(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return random.Below(100);
    case 1:
      return (uint64_t{1} << random.Below(64)) + random.Below(3) - 1;
    case 2:
      return ~uint64_t{0} - random.Below(100);
    default:
      return random.Bits();
  }
}

FrameHeader RandomHeader(Random& random) {
  FrameHeader header;
  header.type = static_cast<MessageType>(random.Bits());
  header.incarnation = static_cast<uint32_t>(random.Bits());
  header.request_id = random.Bits();
  header.proto_bytes = static_cast<uint32_t>(Awkward(random));
  header.raw_bytes = Awkward(random);
  header.payload_crc32c = static_cast<uint32_t>(random.Bits());
  return header;
}

// Flips, sets, swaps or moves a few bytes.
void Mutate(std::span<std::byte> bytes, Random& random) {
  for (uint64_t i = 1 + random.Below(4); i > 0; --i) {
    const size_t at = random.Below(bytes.size());
    switch (random.Below(4)) {
      case 0:
        bytes[at] ^= std::byte{1} << random.Below(8);
        break;
      case 1:
        bytes[at] = static_cast<std::byte>(random.Bits());
        break;
      case 2:
        std::swap(bytes[at], bytes[random.Below(bytes.size())]);
        break;
      default:
        bytes[at] = std::byte{0xFF};
    }
  }
}

// What decodes is within the limit and encodes to the same bytes.
void CheckDecoder(const HeaderBytes& bytes, uint64_t frame_bytes_max, int& accepted) {
  const Result<FrameHeader> header = DecodeFrameHeader(bytes, frame_bytes_max);
  if (!header.ok()) return;
  ++accepted;
  const __uint128_t size = __uint128_t{kFrameHeaderBytes} + header->proto_bytes + header->raw_bytes;
  ASSERT_TRUE(size <= frame_bytes_max);
  ASSERT_EQ(EncodeFrameHeader(*header), bytes);
}

TEST(FrameFuzz, DamagedHeadersAreRefused) {
  Random random(1);
  for (int i = 0; i < 200000; ++i) {
    const HeaderBytes whole = EncodeFrameHeader(RandomHeader(random));
    HeaderBytes bytes = whole;
    Mutate(bytes, random);
    if (bytes == whole) continue;
    // A checksum of 32 bits misses one in four billion; with this seed, none.
    ASSERT_FALSE(DecodeFrameHeader(bytes, ~uint64_t{0}).ok()) << "round " << i;
  }
}

TEST(FrameFuzz, ForgedHeadersAreWithinTheLimitOrRefused) {
  Random random(2);
  int accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    HeaderBytes bytes = EncodeFrameHeader(RandomHeader(random));
    if (random.Below(2) == 0) Mutate(std::span(bytes).first(36), random);
    const uint32_t crc = Crc32c(0, std::span(bytes).first(36));
    std::memcpy(bytes.data() + 36, &crc, sizeof(crc));
    CheckDecoder(bytes, Awkward(random), accepted);
    if (testing::Test::HasFatalFailure()) FAIL() << "round " << i;
  }
  // Enough on both sides of the checks for the test to mean something.
  EXPECT_GT(accepted, 10000);
  EXPECT_LT(accepted, 190000);
}

TEST(FrameFuzz, HandshakePayloadsDecodeOrAreRefused) {
  Random random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string payload(random.Below(200), '\0');
    for (char& c : payload) c = static_cast<char>(random.Bits());
    const auto bytes = std::as_bytes(std::span(payload));
    const auto hello = transport::DecodeHello(bytes);
    if (hello.ok()) {
      ASSERT_EQ(transport::EncodeHello(*hello), payload);
    }
    EXPECT_EQ(transport::DecodeChallenge(bytes).ok(), payload.size() == 64);
    EXPECT_EQ(transport::DecodeProof(bytes).ok(), payload.size() == 32);
  }
}

// Streams of frames, cut or damaged somewhere, on admitted connections. The handler sees whole
// frames only, and the server goes on serving.
TEST(FrameFuzz, AServerSurvivesDamagedStreams) {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string&, Message request, Responder responder) {
    for (size_t i = 0; i < request.raw.size(); ++i) {
      CHECK(request.raw.data()[i] == std::byte{'r'}) << "a damaged frame came through";
    }
    responder.Reply(Text("whole"));
  };
  TransportOptions options = TestOptions();
  options.frame_bytes_max = 1 << 16;
  auto server = TransportServer::Start("127.0.0.1", 0, options, std::move(handlers));
  ASSERT_OK(server);
  auto bystander = TransportClient::Connect((*server)->endpoint(), "bystander", options);
  ASSERT_OK(bystander);

  Random random(4);
  uint64_t damaged = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
  for (int i = 0; i < 200 && std::chrono::steady_clock::now() < end; ++i) {
    std::string stream;
    const uint64_t frames = 1 + random.Below(5);
    for (uint64_t id = 1; id <= frames; ++id) {
      stream += FrameBytes({.type = MessageType::kPush, .request_id = id}, "",
                           std::string(random.Below(3000), 'r'));
    }
    const std::string whole = stream;
    if (random.Below(4) > 0) Mutate(std::as_writable_bytes(std::span(stream)), random);
    if (random.Below(4) == 0) stream.resize(random.Below(stream.size()));
    damaged += stream != whole.substr(0, stream.size());
    RawPeer peer = RawPeer::ConnectTo((*server)->endpoint());
    peer.IntroduceAs("fuzzer", options.secret);
    peer.Send(stream);
  }
  EXPECT_GT(damaged, 0u);
  EXPECT_EQ(TextOf((*bystander)->CallAndWait(MessageType::kPull, 0, Empty())), "whole");
  EXPECT_LE((*server)->rejected_peers(), damaged);
}

}  // namespace
}  // namespace primacy
