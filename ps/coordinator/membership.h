// Who has joined, what they found in the log, and who has fallen silent.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

// Thread safe.
class Membership {
 public:
  using Clock = std::chrono::steady_clock;

  Membership(int servers, int workers);

  // A process joins. Fails when its rank is taken or when a worker disagrees with the others about
  // the model or the log.
  Status Join(const JoinRequest& request);
  // Waits until all have joined. On time-out the error names who is missing.
  Status WaitForAll(std::chrono::milliseconds timeout);
  // What the workers found in the log. Only after WaitForAll.
  JoinRequest worker_view() const;

  void Beat(const Heartbeat& heartbeat);
  // A process whose last sign of life is older than `silence`, if any: "worker 1 (host, pid 123)".
  std::optional<std::string> FindSilent(std::chrono::milliseconds silence) const;
  // The process as FindSilent names it.
  std::string Describe(Role role, int rank) const;
  int64_t resident_bytes_max() const;
  void Interrupt(const Error& error);

 private:
  struct Member {
    std::optional<JoinRequest> join;
    Clock::time_point last_beat;
  };
  const Member& At(Role role, int rank) const REQUIRES(mutex_);
  std::string DescribeLocked(Role role, int rank) const REQUIRES(mutex_);
  std::string Missing() const REQUIRES(mutex_);

  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Member> servers_ GUARDED_BY(mutex_);
  std::vector<Member> workers_ GUARDED_BY(mutex_);
  std::optional<Error> interrupted_ GUARDED_BY(mutex_);
  int64_t resident_bytes_max_ GUARDED_BY(mutex_) = 0;
};

}  // namespace primacy
