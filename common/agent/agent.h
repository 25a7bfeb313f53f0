// A process's side of the coordinator: it joins, beats its heart, and asks what to do next.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy {

struct AgentOptions {
  Role role = ROLE_WORKER;
  int rank = 0;
  Endpoint coordinator;
  TransportOptions transport;
  int heartbeat_ms = 2000;
  // Called once, on a thread of the agent's, when the coordinator has not answered for three beats.
  // May be empty.
  std::function<void(Error)> on_lost;
};

// Next and Join are for one thread; the rest is thread safe.
class Agent {
 public:
  static Result<std::unique_ptr<Agent>> Connect(const AgentOptions& options);
  ~Agent();

  // Introduces the process (role and rank are filled in) and starts the heartbeat.
  Status Join(JoinRequest request);
  // Reports what was done and waits for the next directive, however long it takes.
  Result<Directive> Next(NextRequest done);
  // Step shown in heartbeats.
  void set_step(int64_t step) { step_ = step; }
  TransportClient& client() { return *client_; }

 private:
  Agent(const AgentOptions& options, std::unique_ptr<TransportClient> client);
  void Beat();

  const AgentOptions options_;
  std::unique_ptr<TransportClient> client_;
  std::atomic<int64_t> step_ = 0;
  Mutex mutex_;
  CondVar changed_;
  bool ending_ GUARDED_BY(mutex_) = false;
  std::thread heart_;
};

// "worker 1", "server 0": how processes call themselves in handshakes and messages.
std::string ProcessName(Role role, int rank);
// Memory of this process that is resident now, and at most so far, in bytes.
int64_t ResidentBytes();
int64_t ResidentBytesMax();

}  // namespace primacy
