#include "common/agent/agent.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <utility>

namespace primacy {

std::string ProcessName(Role role, int rank) {
  return (role == ROLE_SERVER ? "server " : "worker ") + std::to_string(rank);
}

int64_t ResidentBytes() {
  long pages = 0, resident = 0;
  if (FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return static_cast<int64_t>(resident) * ::sysconf(_SC_PAGESIZE);
}

int64_t ResidentBytesMax() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

Result<std::unique_ptr<Agent>> Agent::Connect(const AgentOptions& options) {
  TransportOptions transport = options.transport;
  transport.request_timeout = std::chrono::milliseconds(3 * options.heartbeat_ms);
  PRIMACY_ASSIGN(auto client,
                 TransportClient::Connect(options.coordinator,
                                          ProcessName(options.role, options.rank), transport));
  return std::unique_ptr<Agent>(new Agent(options, std::move(client)));
}

Agent::Agent(const AgentOptions& options, std::unique_ptr<TransportClient> client)
    : options_(options), client_(std::move(client)) {}

Agent::~Agent() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    changed_.NotifyAll();
  }
  if (heart_.joinable()) heart_.join();  // before the client, which it calls
}

Status Agent::Join(JoinRequest request) {
  request.set_role(options_.role);
  request.set_rank(options_.rank);
  request.set_pid(::getpid());
  PRIMACY_TRY(client_->CallAndWait(MessageType::kJoin, 0, request));
  heart_ = std::thread([this] { Beat(); });
  return Ok();
}

Result<Directive> Agent::Next(NextRequest done) {
  done.set_role(options_.role);
  done.set_rank(options_.rank);
  auto answer = std::make_shared<std::promise<Result<Message>>>();
  auto future = answer->get_future();
  client_->CallNoTimeout(MessageType::kNext, 0, done, {}, [answer](Result<Message> message) {
    answer->set_value(std::move(message));
  });
  PRIMACY_ASSIGN(const Message message, future.get());
  return ParseProto<Directive>(message);
}

void Agent::Beat() {
  using Clock = std::chrono::steady_clock;
  const auto period = std::chrono::milliseconds(options_.heartbeat_ms);
  auto lost = std::make_shared<std::atomic<bool>>(false);
  auto reason = std::make_shared<std::optional<Error>>();
  while (true) {
    Heartbeat heartbeat;
    heartbeat.set_role(options_.role);
    heartbeat.set_rank(options_.rank);
    heartbeat.set_step(step_);
    heartbeat.set_resident_bytes(ResidentBytes());
    {
      MutexLock lock(mutex_);
      if (ending_) return;
    }
    client_->Call(MessageType::kHeartbeat, 0, heartbeat, {},
                  [lost, reason](Result<Message> answer) {
                    if (answer.ok() || lost->load()) return;
                    *reason = answer.error();
                    lost->store(true);
                  });
    const Clock::time_point next = Clock::now() + period;
    MutexLock lock(mutex_);
    while (!ending_ && !lost->load() && Clock::now() < next) {
      changed_.WaitUntil(mutex_, std::min(next, Clock::now() + std::chrono::milliseconds(100)));
    }
    if (ending_) return;
    if (!lost->load()) continue;
    if (options_.on_lost) {
      options_.on_lost(
          Error("lost the coordinator (server 0) at " + options_.coordinator.ToString(), **reason));
    }
    return;
  }
}

}  // namespace primacy
