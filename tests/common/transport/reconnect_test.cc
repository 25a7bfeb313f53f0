// What a client does when its connection breaks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "common/transport/transport.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/common/transport/raw_peer.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using std::chrono::milliseconds;
using testing::HasSubstr;

// A client whose server is the test itself.
class Reconnect : public testing::TestWithParam<SocketKind> {
 protected:
  Reconnect() {
    std::thread connecting([this] { Connect(); });
    peer_.emplace(AdmitNext());
    connecting.join();
  }

  void Connect() {
    TransportOptions options = TestOptions();
    options.connect_timeout = milliseconds(2000);
    client_ = ConnectTo(listener_.endpoint(), options);
  }
  RawPeer AdmitNext() {
    RawPeer peer = listener_.Accept();
    peer.Admit(TestOptions().secret);
    return peer;
  }
  std::future<Result<Message>> Call(const std::string& text) {
    auto promise = std::make_shared<std::promise<Result<Message>>>();
    client_->Call(MessageType::kPull, 0, Text(text), {},
                  [promise](Result<Message> reply) { promise->set_value(std::move(reply)); });
    return promise->get_future();
  }
  std::future<Result<Message>> CallNoTimeout(const std::string& text) {
    auto promise = std::make_shared<std::promise<Result<Message>>>();
    client_->CallNoTimeout(MessageType::kNext, 0, Text(text), {}, [promise](Result<Message> reply) {
      promise->set_value(std::move(reply));
    });
    return promise->get_future();
  }
  // Reads a request from the client and gives its text.
  std::string ReadRequest() {
    std::optional<Message> request = peer_->ReadFrame();
    if (!request.has_value()) return "nothing";
    last_id_ = request->header.request_id;
    return TextOf(std::move(*request));
  }
  void Reply(uint64_t id, const std::string& text) {
    std::string proto;
    CHECK(Text(text).SerializeToString(&proto));
    peer_->SendFrame({.type = MessageType::kReply, .request_id = id}, proto, "");
  }

  RawListener listener_{GetParam()};
  std::unique_ptr<TransportClient> client_;
  std::optional<RawPeer> peer_;
  uint64_t last_id_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sockets, Reconnect, testing::Values(SocketKind::kTcp, SocketKind::kUnix),
                         NameOf);

TEST_P(Reconnect, PendingRequestsAreSentAgainInOrder) {
  auto one = Call("one");
  auto two = CallNoTimeout("two");
  EXPECT_EQ(ReadRequest(), "one");
  const uint64_t id_of_one = last_id_;
  peer_->Close();
  peer_.emplace(AdmitNext());
  EXPECT_EQ(ReadRequest(), "one");
  EXPECT_EQ(last_id_, id_of_one);  // so that servers can tell
  EXPECT_EQ(ReadRequest(), "two");
  Reply(last_id_, "re: two");
  Reply(id_of_one, "re: one");
  EXPECT_EQ(TextOf(one.get()), "re: one");
  EXPECT_EQ(TextOf(two.get()), "re: two");
}

TEST_P(Reconnect, ALargeRequestCutOffInTheMiddleIsSentAgainWhole) {
  auto promise = std::make_shared<std::promise<Result<Message>>>();
  RawBuffer raw(32 << 20);
  for (size_t i = 0; i < raw.size(); ++i) raw.data()[i] = static_cast<std::byte>(i * 31 >> 3);
  client_->Call(MessageType::kPush, 0, Text("rows"), Own(std::move(raw)),
                [promise](Result<Message> reply) { promise->set_value(std::move(reply)); });
  std::this_thread::sleep_for(milliseconds(20));  // the socket is full: nobody reads
  peer_->Close();
  peer_.emplace(AdmitNext());
  const std::optional<Message> request = peer_->ReadFrame();
  ASSERT_TRUE(request.has_value());
  ASSERT_EQ(request->raw.size(), size_t{32} << 20);
  EXPECT_EQ(request->raw.data()[12345678], static_cast<std::byte>(12345678u * 31 >> 3));
  Reply(request->header.request_id, "whole");
  EXPECT_EQ(TextOf(promise->get_future().get()), "whole");
}

TEST_P(Reconnect, ARequestThatLosesTwoConnectionsFails) {
  auto reply = Call("poison");
  EXPECT_EQ(ReadRequest(), "poison");
  peer_->Close();
  peer_.emplace(AdmitNext());
  EXPECT_EQ(ReadRequest(), "poison");
  peer_->Close();
  const Result<Message> result = reply.get();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kFailure);
  EXPECT_THAT(result.error().message(), HasSubstr(listener_.endpoint().ToString()));
  EXPECT_THAT(result.error().message(), HasSubstr("lost twice"));
}

TEST_P(Reconnect, WithNobodyThereRequestsFailAndNameTheEndpoint) {
  auto one = Call("one");
  auto two = CallNoTimeout("two");
  EXPECT_EQ(ReadRequest(), "one");
  EXPECT_EQ(ReadRequest(), "two");
  listener_.Close();
  peer_->Close();
  for (auto* reply : {&one, &two}) {
    const Result<Message> result = reply->get();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind(), ErrorKind::kFailure);
    EXPECT_EQ(result.error().message(),
              "the connection was lost (the peer closed the connection), then connecting to " +
                  listener_.endpoint().ToString() + ": Connection refused");
  }
  // So does every later one, each after an attempt of its own.
  EXPECT_EQ(TextOf(Call("three").get()),
            "error: connecting to " + listener_.endpoint().ToString() + ": Connection refused");
}

TEST_P(Reconnect, AnIdleClientConnectsWhenItIsNeeded) {
  peer_->Close();
  std::this_thread::sleep_for(milliseconds(20));
  auto reply = Call("hello");
  peer_.emplace(AdmitNext());
  EXPECT_EQ(ReadRequest(), "hello");
  Reply(last_id_, "again");
  EXPECT_EQ(TextOf(reply.get()), "again");
}

TEST_P(Reconnect, AServerThatSendsRubbishIsLeft) {
  auto reply = Call("hello");
  EXPECT_EQ(ReadRequest(), "hello");
  peer_->Send(std::string(100, 'x'));
  EXPECT_TRUE(peer_->WaitForEnd());
  peer_.emplace(AdmitNext());
  EXPECT_EQ(ReadRequest(), "hello");
  Reply(last_id_, "sorry");
  EXPECT_EQ(TextOf(reply.get()), "sorry");
}

TEST_P(Reconnect, RepliesToNobodyAreIgnored) {
  auto reply = Call("hello");
  EXPECT_EQ(ReadRequest(), "hello");
  Reply(last_id_ + 1000, "for someone else");
  Reply(last_id_, "for you");
  Reply(last_id_, "for you, again");
  EXPECT_EQ(TextOf(reply.get()), "for you");
  auto next = Call("next");
  EXPECT_EQ(ReadRequest(), "next");
  Reply(last_id_, "fine");
  EXPECT_EQ(TextOf(next.get()), "fine");
}

TEST_P(Reconnect, AClientDestroyedWhileItReconnectsFailsWhatIsPending) {
  auto reply = Call("hello");
  EXPECT_EQ(ReadRequest(), "hello");
  peer_->Close();
  RawPeer silent = listener_.Accept();  // connected, but never admitted
  client_.reset();
  EXPECT_THAT(TextOf(reply.get()), HasSubstr("closed here"));
}

class ServerThatDies : public EitherSocket {};

INSTANTIATE_TEST_SUITE_P(Sockets, ServerThatDies,
                         testing::Values(SocketKind::kTcp, SocketKind::kUnix), NameOf);

TEST_P(ServerThatDies, RequestsFailAndName) {
  std::promise<void> arrived;
  std::vector<Responder> never;
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message, Responder responder) {
    never.push_back(std::move(responder));
    arrived.set_value();
  };
  auto server = StartServer(std::move(handlers));
  const Endpoint endpoint = EndpointOf(*server, GetParam());
  const auto client = ConnectTo(endpoint);
  std::promise<Result<Message>> reply;
  client->CallNoTimeout(MessageType::kNext, 0, Empty(), {},
                        [&](Result<Message> result) { reply.set_value(std::move(result)); });
  arrived.get_future().wait();
  server.reset();
  EXPECT_THAT(TextOf(reply.get_future().get()),
              HasSubstr("connecting to " + endpoint.ToString() + ": Connection refused"));

  // A new one on the same port is found by the next call, although it has another Unix socket.
  auto again = TransportServer::Start("127.0.0.1", endpoint.port, TestOptions(), EchoHandlers());
  ASSERT_OK(again);
  EXPECT_EQ(TextOf(client->CallAndWait(MessageType::kPull, 0, Text("hi"))), "worker 1 said hi");
}

}  // namespace
}  // namespace primacy
