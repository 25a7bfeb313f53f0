// Peers that do not belong here, or do not keep to the protocol: dropped, counted, and harmless to
// the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/base/bounded_queue.h"
#include "common/transport/handshake.h"
#include "common/transport/transport.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/common/transport/raw_peer.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using std::chrono::milliseconds;
using testing::HasSubstr;

class Rejection : public testing::TestWithParam<SocketKind> {
 protected:
  Rejection() {
    TransportServer::Handlers handlers = EchoHandlers();
    handlers.disconnected = [this](const std::string& peer) { left_.Push(peer); };
    TransportOptions options = TestOptions();
    options.frame_bytes_max = 1 << 20;
    options.connect_timeout = milliseconds(200);
    options.requests_in_flight_max = 4;
    server_ = StartServer(std::move(handlers), options);
    bystander_ = ConnectTo(endpoint(), TestOptions(), "bystander");
  }
  ~Rejection() override {
    EXPECT_EQ(TextOf(bystander_->CallAndWait(MessageType::kPull, 0, Text("fine"))),
              "bystander said fine");
  }

  Endpoint endpoint() const { return EndpointOf(*server_, GetParam()); }
  RawPeer Stranger() { return RawPeer::ConnectTo(endpoint()); }
  // A peer that has passed the handshake.
  RawPeer Member() {
    RawPeer peer = Stranger();
    peer.IntroduceAs("member", TestOptions().secret);
    return peer;
  }
  void ExpectDropped(RawPeer& peer) {
    EXPECT_TRUE(peer.WaitForEnd());
    // The count may come a moment after the end.
    for (int i = 0; i < 5000 && server_->rejected_peers() == 0; ++i) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_EQ(server_->rejected_peers(), 1u);
  }

  BoundedQueue<std::string> left_{100};
  std::unique_ptr<TransportServer> server_;
  std::unique_ptr<TransportClient> bystander_;
};

INSTANTIATE_TEST_SUITE_P(Sockets, Rejection, testing::Values(SocketKind::kTcp, SocketKind::kUnix),
                         NameOf);

constexpr FrameHeader kPull{.type = MessageType::kPull, .request_id = 1};

TEST_P(Rejection, AWrongSecretIsToldFromAnUnreachablePort) {
  TransportOptions options = TestOptions();
  options.secret = "another job's secret";
  const auto client = TransportClient::Connect(endpoint(), "worker 1", options);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(client.error().message(), HasSubstr(server_->endpoint().ToString()));
  EXPECT_THAT(client.error().message(), HasSubstr("the secret differs"));
  while (server_->rejected_peers() == 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(server_->rejected_peers(), 1u);

  RawListener closed(GetParam());
  const Endpoint endpoint = closed.endpoint();
  closed.Close();
  const auto nobody = TransportClient::Connect(endpoint, "worker 1", TestOptions());
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().kind(), ErrorKind::kFailure);
  EXPECT_EQ(nobody.error().message(),
            "connecting to " + endpoint.ToString() + ": Connection refused");
}

TEST_P(Rejection, AClientThatCannotProveTheSecret) {
  RawPeer peer = Stranger();
  peer.IntroduceAs("liar", "not the secret");
  ExpectDropped(peer);
  EXPECT_FALSE(left_.TryPop().has_value());  // it was never in
}

TEST_P(Rejection, AReflectedProof) {
  RawPeer peer = Stranger();
  const transport::Hello hello{transport::RandomNonce(), "mirror"};
  peer.SendFrame({.type = MessageType::kHandshake}, "", transport::EncodeHello(hello));
  const auto challenge = transport::DecodeChallenge(peer.ReadFrame()->raw.bytes());
  ASSERT_OK(challenge);
  peer.SendFrame({.type = MessageType::kHandshake}, "", transport::EncodeProof(challenge->proof));
  ExpectDropped(peer);
}

TEST_P(Rejection, AnotherProtocol) {
  RawPeer peer = Stranger();
  peer.Send("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl\r\n\r\n");
  ExpectDropped(peer);
}

TEST_P(Rejection, ARequestBeforeTheHandshake) {
  RawPeer peer = Stranger();
  peer.SendFrame(kPull, "", "keys");
  ExpectDropped(peer);
}

TEST_P(Rejection, AHelloThatIsTooLong) {
  RawPeer peer = Stranger();
  peer.SendFrame({.type = MessageType::kHandshake}, "", std::string(1000, 'n'));
  ExpectDropped(peer);
}

TEST_P(Rejection, ANameThatIsNotPrintable) {
  RawPeer peer = Stranger();
  peer.SendFrame({.type = MessageType::kHandshake}, "",
                 transport::EncodeHello({transport::RandomNonce(), "two\nlines"}));
  ExpectDropped(peer);
}

TEST_P(Rejection, APeerThatSaysNothing) {
  RawPeer peer = Stranger();
  ExpectDropped(peer);
}

TEST_P(Rejection, APeerThatStopsInTheMiddleOfTheHandshake) {
  RawPeer peer = Stranger();
  peer.SendFrame({.type = MessageType::kHandshake}, "",
                 transport::EncodeHello({transport::RandomNonce(), "slow"}));
  ExpectDropped(peer);
}

TEST_P(Rejection, RubbishAfterTheHandshake) {
  RawPeer peer = Member();
  peer.Send(std::string(100, 'x'));
  ExpectDropped(peer);
  EXPECT_EQ(left_.Pop(), "member");
}

TEST_P(Rejection, ABrokenPayload) {
  RawPeer peer = Member();
  std::string bytes = FrameBytes(kPull, "", std::string(100000, 'r'));
  bytes[70000] ^= 4;
  peer.Send(bytes);
  ExpectDropped(peer);
}

TEST_P(Rejection, AFrameBeyondTheLimit) {
  RawPeer peer = Member();
  FrameHeader header = kPull;
  header.raw_bytes = uint64_t{1} << 40;
  const auto bytes = EncodeFrameHeader(header);
  peer.Send(bytes);
  ExpectDropped(peer);
}

TEST_P(Rejection, AReplyToAServer) {
  RawPeer peer = Member();
  peer.SendFrame({.type = MessageType::kReply}, "", "");
  ExpectDropped(peer);
}

TEST_P(Rejection, ACutOffFrameIsALostConnectionAndNotRubbish) {
  RawPeer peer = Member();
  peer.Send(FrameBytes(kPull, "", std::string(1000, 'r')).substr(0, 500));
  peer.Close();
  EXPECT_EQ(left_.Pop(), "member");
  EXPECT_EQ(server_->rejected_peers(), 0u);
}

// Frames that arrive byte by byte, and many in one packet.
TEST_P(Rejection, PacketBordersMeanNothing) {
  RawPeer peer = Member();
  std::string proto;
  ASSERT_TRUE(Text("hi").SerializeToString(&proto));
  for (char c : FrameBytes(kPull, proto, "raw part")) peer.Send(std::string(1, c));
  EXPECT_EQ(TextOf(*peer.ReadFrame()), "member said hi");
  std::string many;
  for (uint64_t id = 2; id < 12; ++id) {
    FrameHeader header = kPull;
    header.request_id = id;
    many += FrameBytes(header, proto, std::string(id * 10000, 'r'));
  }
  std::thread sender([&] { peer.Send(many); });
  for (uint64_t id = 2; id < 12; ++id) {
    const std::optional<Message> reply = peer.ReadFrame();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->header.request_id, id);
    EXPECT_EQ(reply->raw.size(), id * 10000);
  }
  sender.join();
  EXPECT_EQ(server_->rejected_peers(), 0u);
}

// A peer that sends without end and never reads: its replies pile up to a bound.
TEST_P(Rejection, APeerThatNeverReads) {
  RawPeer peer = Member();
  const std::string frame = FrameBytes(kPull, "", std::string(500000, 'r'));
  for (int i = 0; i < 200 && server_->rejected_peers() == 0; ++i) peer.Send(frame);
  ExpectDropped(peer);
}

TEST(RejectionOfClients, ConnectionsAreBounded) {
  TransportOptions options = TestOptions();
  options.connections_max = 1;
  auto server = TransportServer::Start("127.0.0.1", 0, options, EchoHandlers());
  ASSERT_OK(server);
  auto first = TransportClient::Connect((*server)->endpoint(), "first", options);
  ASSERT_OK(first);
  auto second = TransportClient::Connect((*server)->endpoint(), "second", options);
  EXPECT_FALSE(second.ok());
  EXPECT_EQ(TextOf((*first)->CallAndWait(MessageType::kPull, 0, Text("hi"))), "first said hi");
}

// A client talks to something that is no server of ours.
TEST(RejectionOfServers, AnotherProtocol) {
  RawListener listener;
  std::thread other([&] {
    RawPeer peer = listener.Accept();
    peer.Send("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3 and so on, for longer than a header\r\n");
    peer.WaitForEnd();
  });
  const auto client = TransportClient::Connect(listener.endpoint(), "worker 1", TestOptions());
  other.join();
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(client.error().message(), HasSubstr("not a frame of Primacy's protocol"));
}

TEST(RejectionOfServers, SilenceTimesOut) {
  RawListener listener;  // the system accepts, nobody answers
  TransportOptions options = TestOptions();
  options.connect_timeout = milliseconds(50);
  const auto client = TransportClient::Connect(listener.endpoint(), "worker 1", options);
  ASSERT_FALSE(client.ok());
  EXPECT_THAT(client.error().message(), HasSubstr("no answer within 50 ms"));
}

}  // namespace
}  // namespace primacy
