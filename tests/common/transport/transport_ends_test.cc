// The contract of TransportServer and TransportClient where something ends: requests by errors,
// time and limits, clients and servers with requests pending, addresses that cannot be had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "common/base/bounded_queue.h"
#include "common/transport/transport.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using std::chrono::milliseconds;
using testing::HasSubstr;

class TransportEnds : public EitherSocket {};

INSTANTIATE_TEST_SUITE_P(Sockets, TransportEnds,
                         testing::Values(SocketKind::kTcp, SocketKind::kUnix), NameOf);

TEST_P(TransportEnds, ErrorsKeepTheirKind) {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string&, Message request, Responder responder) {
    if (request.header.type == MessageType::kJoin) return responder.Fail(UsageError("another job"));
    responder.Fail(Error("pulling", Failure("no such table")));
  };
  const auto server = StartServer(std::move(handlers));
  const auto client = Connect(*server);
  const Result<Message> join = client->CallAndWait(MessageType::kJoin, 0, Empty());
  ASSERT_FALSE(join.ok());
  EXPECT_EQ(join.error().kind(), ErrorKind::kUsage);
  EXPECT_EQ(join.error().message(), "another job");
  const Result<Message> pull = client->CallAndWait(MessageType::kPull, 0, Empty());
  ASSERT_FALSE(pull.ok());
  EXPECT_EQ(pull.error().kind(), ErrorKind::kFailure);
  EXPECT_EQ(pull.error().message(), "pulling: no such table");
}

TEST_P(TransportEnds, ADroppedResponderAnswersWithAnError) {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string&, Message, Responder) {};
  const auto server = StartServer(std::move(handlers));
  const auto client = Connect(*server);
  EXPECT_THAT(TextOf(client->CallAndWait(MessageType::kPull, 0, Empty())),
              HasSubstr("dropped unanswered"));
}

TEST_P(TransportEnds, AResponderThatIsOverwrittenAnswersWithAnError) {
  Responder kept;  // transport's thread
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message, Responder responder) {
    EXPECT_TRUE(responder.pending());
    kept = std::move(responder);
    EXPECT_FALSE(responder.pending());  // NOLINT: the state after a move is part of the contract
  };
  auto server = StartServer(std::move(handlers));
  const auto client = Connect(*server);
  std::promise<std::string> first;
  client->Call(MessageType::kPull, 0, Empty(), {},
               [&](Result<Message> reply) { first.set_value(TextOf(reply)); });
  client->CallNoTimeout(MessageType::kPull, 0, Empty(), {}, [](Result<Message>) {});
  EXPECT_THAT(first.get_future().get(), HasSubstr("dropped unanswered"));
  server.reset();
}

TEST_P(TransportEnds, RequestsTimeOut) {
  std::vector<Responder> never;  // transport's thread
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message request, Responder responder) {
    if (request.header.type == MessageType::kStatus) return responder.Reply(Text("alive"));
    never.push_back(std::move(responder));
  };
  auto server = StartServer(std::move(handlers));
  TransportOptions options = TestOptions();
  options.request_timeout = milliseconds(60);
  const auto client = Connect(*server, options);
  std::atomic<bool> patient_answered{false};
  client->CallNoTimeout(MessageType::kNext, 0, Empty(), {},
                        [&](Result<Message>) { patient_answered = true; });
  // Twice: the timer is armed again after it has run down.
  for (int i = 0; i < 2; ++i) {
    const Result<Message> reply = client->CallAndWait(MessageType::kPull, 0, Empty());
    ASSERT_FALSE(reply.ok());
    EXPECT_EQ(reply.error().kind(), ErrorKind::kFailure);
    EXPECT_THAT(reply.error().message(), HasSubstr(server->endpoint().ToString()));
    EXPECT_THAT(reply.error().message(), HasSubstr("60 ms"));
  }
  EXPECT_FALSE(patient_answered);
  EXPECT_EQ(TextOf(client->CallAndWait(MessageType::kStatus, 0, Empty())), "alive");
  server.reset();
}

TEST_P(TransportEnds, ALateReplyIsIgnored) {
  BoundedQueue<Responder> responders(10);
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message request, Responder responder) {
    if (request.header.type == MessageType::kStatus) return responder.Reply(Text("alive"));
    responders.Push(std::move(responder));
  };
  const auto server = StartServer(std::move(handlers));
  TransportOptions options = TestOptions();
  options.request_timeout = milliseconds(30);
  const auto client = Connect(*server, options);
  EXPECT_FALSE(client->CallAndWait(MessageType::kPull, 0, Empty()).ok());
  responders.Pop()->Reply(Text("late"));
  EXPECT_EQ(TextOf(client->CallAndWait(MessageType::kStatus, 0, Empty())), "alive");
}

TEST_P(TransportEnds, RequestsBeyondTheFrameLimitFailAtOnce) {
  const auto server = StartServer(EchoHandlers());
  TransportOptions options = TestOptions();
  options.frame_bytes_max = 1000;
  const auto client = Connect(*server, options);
  const auto reply = client->CallAndWait(MessageType::kPush, 0, Empty(), Own(RawBuffer(1000)));
  EXPECT_THAT(TextOf(reply), HasSubstr("frame_bytes_max=1000"));
  EXPECT_EQ(TextOf(client->CallAndWait(MessageType::kPush, 0, Text("hi"))), "worker 1 said hi");
}

TEST_P(TransportEnds, RepliesBeyondTheFrameLimitBecomeErrors) {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string&, Message, Responder responder) {
    responder.Reply(Empty(), Own(RawBuffer(1000)));
  };
  TransportOptions options = TestOptions();
  options.frame_bytes_max = 1000;
  const auto server = StartServer(std::move(handlers), options);
  const auto client = Connect(*server);
  EXPECT_THAT(TextOf(client->CallAndWait(MessageType::kPull, 0, Empty())),
              HasSubstr("frame_bytes_max=1000"));
}

TEST_P(TransportEnds, TheServerHearsWhoLeft) {
  BoundedQueue<std::string> left(10);
  TransportServer::Handlers handlers = EchoHandlers();
  handlers.disconnected = [&](const std::string& peer) { left.Push(peer); };
  const auto server = StartServer(std::move(handlers));
  auto first = Connect(*server, TestOptions(), "worker 1");
  auto second = Connect(*server, TestOptions(), "server 0");
  second.reset();
  EXPECT_EQ(left.Pop(), "server 0");
  first.reset();
  EXPECT_EQ(left.Pop(), "worker 1");
  EXPECT_EQ(server->rejected_peers(), 0u);
}

TEST_P(TransportEnds, DestroyingAClientFailsWhatIsPending) {
  std::vector<Responder> never;
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message, Responder responder) {
    never.push_back(std::move(responder));
  };
  auto server = StartServer(std::move(handlers));
  auto client = Connect(*server);
  std::atomic<int> failed{0};
  for (int i = 0; i < 5; ++i) {
    client->Call(MessageType::kPull, 0, Empty(), {},
                 [&](Result<Message> reply) { failed += !reply.ok(); });
    client->CallNoTimeout(MessageType::kNext, 0, Empty(), {},
                          [&](Result<Message> reply) { failed += !reply.ok(); });
  }
  client.reset();
  EXPECT_EQ(failed, 10);
  server.reset();
}

TEST_P(TransportEnds, RespondersMayOutliveTheirServer) {
  BoundedQueue<Responder> responders(10);
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message, Responder responder) {
    responders.Push(std::move(responder));
  };
  auto server = StartServer(std::move(handlers));
  auto client = Connect(*server);
  for (int i = 0; i < 2; ++i)
    client->Call(MessageType::kPull, 0, Empty(), {}, [](Result<Message>) {});
  Responder answered = *responders.Pop();
  Responder dropped = *responders.Pop();
  server.reset();
  answered.Reply(Text("too late"));
  EXPECT_FALSE(answered.pending());
}

// The last replies reach the clients although the server is destroyed right after them.
TEST_P(TransportEnds, RepliesBeforeTheEndArrive) {
  for (int round = 0; round < 10; ++round) {
    std::promise<Responder> asked;
    TransportServer::Handlers handlers;
    handlers.request = [&](const std::string&, Message request, Responder responder) {
      if (request.header.type == MessageType::kNext) asked.set_value(std::move(responder));
    };
    auto server = StartServer(std::move(handlers));
    const auto client = Connect(*server);
    std::promise<Result<Message>> reply;
    client->CallNoTimeout(MessageType::kNext, 0, Empty(), {},
                          [&](Result<Message> result) { reply.set_value(std::move(result)); });
    Responder responder = asked.get_future().get();
    responder.Reply(Text("finish"), Own(RawBuffer(4 << 20)));
    server.reset();
    EXPECT_EQ(TextOf(reply.get_future().get()), "finish");
  }
}

TEST(TransportStart, PortInUseIsAUsageErrorThatNamesIt) {
  const auto server = StartServer(EchoHandlers());
  const uint16_t port = server->endpoint().port;
  const auto second = TransportServer::Start("127.0.0.1", port, TestOptions(), EchoHandlers());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kUsage);
  EXPECT_EQ(second.error().message(), "port in use: 127.0.0.1:" + std::to_string(port));
}

TEST(TransportStart, AnAddressThatIsNotOursIsAUsageError) {
  // TEST-NET-1 of RFC 5737.
  const auto server = TransportServer::Start("192.0.2.1", 0, TestOptions(), EchoHandlers());
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().kind(), ErrorKind::kUsage);
  EXPECT_THAT(server.error().message(), HasSubstr("192.0.2.1"));
}

TEST_P(TransportEnds, APortCanBeTakenAgainAtOnce) {
  auto server = StartServer(EchoHandlers());
  const Endpoint endpoint = server->endpoint();
  auto client = Connect(*server);
  EXPECT_OK(client->CallAndWait(MessageType::kPull, 0, Empty()));
  server.reset();
  auto again = TransportServer::Start("127.0.0.1", endpoint.port, TestOptions(), EchoHandlers());
  ASSERT_OK(again);
}

}  // namespace
}  // namespace primacy
