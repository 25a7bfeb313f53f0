// The contract of TransportServer and TransportClient between well-behaved peers: what travels.
#include "common/transport/transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "common/base/bounded_queue.h"
#include "tests/common/transport/echo_handlers.h"
#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT
using std::chrono::milliseconds;

class Transport : public EitherSocket {};

INSTANTIATE_TEST_SUITE_P(Sockets, Transport, testing::Values(SocketKind::kTcp, SocketKind::kUnix),
                         NameOf);

TEST_P(Transport, Echoes) {
  const auto server = StartServer(EchoHandlers());
  EXPECT_EQ(server->endpoint().host, "127.0.0.1");
  EXPECT_GT(server->endpoint().port, 0);
  const auto client = Connect(*server);
  const Result<Message> reply = client->CallAndWait(MessageType::kStatus, 3, Text("hello"));
  EXPECT_EQ(TextOf(reply), "worker 1 said hello");
  EXPECT_EQ(reply->header.incarnation, 3u);
  EXPECT_EQ(reply->raw.size(), 0u);
  EXPECT_EQ(server->rejected_peers(), 0u);
}

TEST_P(Transport, HandlersSeeTypeIncarnationAndPieces) {
  TransportServer::Handlers handlers;
  handlers.request = [](const std::string&, Message request, Responder responder) {
    ErrorReply reply;
    reply.set_message(
        std::to_string(static_cast<int>(request.header.type)) + " " +
        std::to_string(request.header.incarnation) + " " +
        std::string(reinterpret_cast<const char*>(request.raw.data()), request.raw.size()));
    responder.Reply(reply);
  };
  const auto server = StartServer(std::move(handlers));
  const auto client = Connect(*server);
  auto owner = std::make_shared<std::vector<std::string>>();
  RawParts parts;
  // More pieces than one system call takes, some of them empty.
  for (int i = 0; i < 300; ++i) owner->push_back(i % 3 == 0 ? "" : std::to_string(i) + ",");
  std::string joined;
  for (const std::string& piece : *owner) {
    parts.pieces.push_back(std::as_bytes(std::span(piece)));
    joined += piece;
  }
  parts.owner = owner;
  EXPECT_EQ(TextOf(client->CallAndWait(MessageType::kPush, 9, Empty(), parts)), "11 9 " + joined);
}

TEST_P(Transport, LargeRawPartsTravelBothWaysAligned) {
  const auto server = StartServer(EchoHandlers());
  const auto client = Connect(*server);
  constexpr size_t kFloats = (64 << 20) / sizeof(float);
  RawBuffer raw(kFloats * sizeof(float));
  std::span<float> values = raw.As<float>(0, kFloats);
  for (size_t i = 0; i < kFloats; ++i) values[i] = static_cast<float>(i % 1000003);
  const Result<Message> reply =
      client->CallAndWait(MessageType::kPull, 0, Text("rows"), Own(std::move(raw)));
  ASSERT_OK(reply);
  ASSERT_EQ(reply->raw.size(), kFloats * sizeof(float));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(reply->raw.data()) % 64, 0u);
  const std::span<const float> echoed = reply->raw.As<float>(0, kFloats);
  for (size_t i = 0; i < kFloats; ++i) ASSERT_EQ(echoed[i], static_cast<float>(i % 1000003)) << i;
}

TEST_P(Transport, RepliesInAnyOrderFindTheirRequests) {
  constexpr int kRequests = 50;
  std::vector<std::pair<std::string, Responder>> waiting;  // transport's thread
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message request, Responder responder) {
    waiting.emplace_back(ParseProto<ErrorReply>(request)->message(), std::move(responder));
    if (waiting.size() < kRequests) return;
    for (auto it = waiting.rbegin(); it != waiting.rend(); ++it)
      it->second.Reply(Text("re: " + it->first));
  };
  const auto server = StartServer(std::move(handlers));
  const auto client = Connect(*server);
  std::vector<int> order;              // transport's thread
  std::map<int, std::string> answers;  // likewise
  std::promise<void> done;
  for (int i = 0; i < kRequests; ++i) {
    client->Call(MessageType::kPull, 0, Text(std::to_string(i)), {}, [&, i](Result<Message> reply) {
      order.push_back(i);
      answers[i] = TextOf(reply);
      if (order.size() == kRequests) done.set_value();
    });
  }
  done.get_future().wait();
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(answers[i], "re: " + std::to_string(i));
    EXPECT_EQ(order[i], kRequests - 1 - i);
  }
}

// Many threads of several clients at once; replies come from another thread than requests.
TEST_P(Transport, ManyThreadsManyClients) {
  struct Work {
    Message request;
    Responder responder;
  };
  BoundedQueue<Work> queue(1000);
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message request, Responder responder) {
    queue.Push({std::move(request), std::move(responder)});
  };
  const auto server = StartServer(std::move(handlers));
  std::thread service([&] {
    while (auto work = queue.Pop())
      work->responder.Reply(Empty(), Own(std::move(work->request.raw)));
  });

  constexpr int kCalls = 100;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<TransportClient>> clients;
  for (int c = 0; c < 2; ++c) clients.push_back(Connect(*server));
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i) {
        RawBuffer raw(size_t{8} * (1 + (i * 7919 + t) % 5000));
        std::memset(raw.data(), i ^ t, raw.size());
        const size_t size = raw.size();
        const auto reply =
            clients[t % 2]->CallAndWait(MessageType::kPush, 0, Empty(), Own(std::move(raw)));
        if (reply.ok() && reply->raw.size() == size &&
            reply->raw.data()[size - 1] == static_cast<std::byte>(i ^ t)) {
          ++right;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4 * kCalls);
  queue.Close();
  service.join();
}

// Both directions full at once: neither side may wait for the other to read.
TEST_P(Transport, LargeFramesBothWaysAtOnce) {
  const auto server = StartServer(EchoHandlers());
  const auto client = Connect(*server);
  std::atomic<int> right{0};
  std::promise<void> done;
  for (int i = 0; i < 8; ++i) {
    RawBuffer raw(8 << 20);
    std::memset(raw.data(), i, raw.size());
    client->Call(MessageType::kPush, 0, Empty(), Own(std::move(raw)),
                 [&, i](Result<Message> reply) {
                   EXPECT_OK(reply);
                   EXPECT_EQ(reply->raw.data()[(8 << 20) - 1], static_cast<std::byte>(i));
                   if (++right == 8) done.set_value();
                 });
  }
  done.get_future().wait();
}

TEST_P(Transport, CallWaitsWhileTooManyRequestsArePending) {
  BoundedQueue<Responder> responders(100);
  TransportServer::Handlers handlers;
  handlers.request = [&](const std::string&, Message, Responder responder) {
    responders.Push(std::move(responder));
  };
  const auto server = StartServer(std::move(handlers));
  TransportOptions options = TestOptions();
  options.requests_in_flight_max = 2;
  const auto client = Connect(*server, options);
  std::atomic<int> entered{0};
  std::atomic<int> answered{0};
  std::thread caller([&] {
    for (int i = 0; i < 4; ++i) {
      client->Call(MessageType::kPull, 0, Empty(), {}, [&](Result<Message>) { ++answered; });
      ++entered;
    }
  });
  std::optional<Responder> first = responders.Pop();
  std::optional<Responder> second = responders.Pop();
  std::this_thread::sleep_for(milliseconds(30));
  EXPECT_EQ(entered, 2);
  EXPECT_FALSE(responders.TryPop().has_value());
  first->Reply(Empty());
  std::optional<Responder> third = responders.Pop();
  second->Reply(Empty());
  std::optional<Responder> fourth = responders.Pop();
  caller.join();
  third->Reply(Empty());
  fourth->Reply(Empty());
  while (answered < 4) std::this_thread::sleep_for(milliseconds(1));
}

// A callback may call again, beyond the limit too: it never waits.
TEST_P(Transport, CallbacksMayCall) {
  const auto server = StartServer(EchoHandlers());
  TransportOptions options = TestOptions();
  options.requests_in_flight_max = 1;
  const auto client = Connect(*server, options);
  std::promise<std::string> done;
  client->Call(MessageType::kPull, 0, Text("one"), {}, [&](Result<Message>) {
    client->Call(MessageType::kPull, 0, Text("two"), {}, [](Result<Message>) {});
    client->Call(MessageType::kPull, 0, Text("three"), {},
                 [&](Result<Message> reply) { done.set_value(TextOf(reply)); });
  });
  EXPECT_EQ(done.get_future().get(), "worker 1 said three");
}

TEST_P(Transport, SpinningServesToo) {
  TransportOptions options = TestOptions();
  options.spin = std::chrono::microseconds(50);
  const auto server = StartServer(EchoHandlers(), options);
  const auto client = Connect(*server, options);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(TextOf(client->CallAndWait(MessageType::kPull, 0, Text("x"))), "worker 1 said x");
  }
}

TEST(TransportOverTcp, HostNamesAreResolved) {
  auto server = TransportServer::Start("localhost", 0, TestOptions(), EchoHandlers());
  ASSERT_OK(server);
  auto client =
      TransportClient::Connect({"localhost", (*server)->endpoint().port}, "me", TestOptions());
  ASSERT_OK(client);
  EXPECT_EQ(TextOf((*client)->CallAndWait(MessageType::kPull, 0, Text("hi"))), "me said hi");
}

}  // namespace
}  // namespace primacy
