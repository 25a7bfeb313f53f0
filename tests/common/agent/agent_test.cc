#include "common/agent/agent.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

TransportOptions Options() {
  TransportOptions options;
  options.secret = "secret";
  return options;
}

// A coordinator that counts beats and answers all else as told.
class Coordinator {
 public:
  Coordinator() {
    TransportServer::Handlers handlers;
    handlers.request = [this](const std::string& peer, Message request, Responder responder) {
      switch (request.header.type) {
        case MessageType::kJoin:
          joined_peer = peer;
          joined = *ParseProto<JoinRequest>(request);
          return responder.Reply(JoinReply());
        case MessageType::kHeartbeat:
          ++beats;
          if (deaf) return kept_.push_back(std::move(responder));
          return responder.Reply(Empty());
        default: {
          const NextRequest next = *ParseProto<NextRequest>(request);
          Directive directive;
          directive.mutable_evict()->set_pass(100 + next.rank());
          return responder.Reply(directive);
        }
      }
    };
    server = *TransportServer::Start("127.0.0.1", 0, Options(), std::move(handlers));
  }

  std::string joined_peer;
  JoinRequest joined;
  std::atomic<int> beats = 0;
  std::atomic<bool> deaf = false;
  std::vector<Responder> kept_;
  std::unique_ptr<TransportServer> server;
};

AgentOptions OptionsFor(const Coordinator& coordinator) {
  AgentOptions options;
  options.role = ROLE_WORKER;
  options.rank = 3;
  options.coordinator = coordinator.server->endpoint();
  options.transport = Options();
  options.heartbeat_ms = 20;
  return options;
}

TEST(AgentTest, JoinsBeatsAndAsks) {
  Coordinator coordinator;
  auto agent = Agent::Connect(OptionsFor(coordinator));
  ASSERT_OK(agent);
  JoinRequest join;
  join.set_host("here");
  ASSERT_OK((*agent)->Join(join));
  EXPECT_EQ(coordinator.joined_peer, "worker 3");
  EXPECT_EQ(coordinator.joined.rank(), 3);
  EXPECT_EQ(coordinator.joined.role(), ROLE_WORKER);
  EXPECT_GT(coordinator.joined.pid(), 0);
  const Result<Directive> directive = (*agent)->Next(NextRequest());
  ASSERT_OK(directive);
  EXPECT_EQ(directive->evict().pass(), 103);
  while (coordinator.beats < 3) std::this_thread::yield();
}

TEST(AgentTest, SaysThatTheCoordinatorIsLostWhenItDoesNotAnswer) {
  Coordinator coordinator;
  coordinator.deaf = true;
  std::promise<std::string> lost;
  AgentOptions options = OptionsFor(coordinator);
  options.on_lost = [&](const Error& error) { lost.set_value(error.message()); };
  auto agent = Agent::Connect(options);
  ASSERT_OK(agent);
  ASSERT_OK((*agent)->Join(JoinRequest()));
  EXPECT_NE(lost.get_future().get().find("lost the coordinator (server 0)"), std::string::npos);
}

TEST(AgentTest, LeavesAtAnyMomentOfItsHeart) {
  Coordinator coordinator;
  for (int i = 0; i < 30; ++i) {
    AgentOptions options = OptionsFor(coordinator);
    options.heartbeat_ms = 40;
    options.on_lost = [](const Error&) {};
    auto agent = Agent::Connect(options);
    ASSERT_OK(agent);
    ASSERT_OK((*agent)->Join(JoinRequest()));
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * i));
  }
}

TEST(AgentTest, NamesProcessesAndMeasuresMemory) {
  EXPECT_EQ(ProcessName(ROLE_SERVER, 0), "server 0");
  EXPECT_EQ(ProcessName(ROLE_WORKER, 12), "worker 12");
  EXPECT_GT(ResidentBytes(), 1 << 20);
  EXPECT_GE(ResidentBytesMax(), 1 << 20);
}

}  // namespace
}  // namespace primacy
