#include "ps/coordinator/membership.h"

#include <algorithm>

#include "common/agent/agent.h"

namespace primacy {

Membership::Membership(int servers, int workers) : servers_(servers), workers_(workers) {}

const Membership::Member& Membership::At(Role role, int rank) const {
  return role == ROLE_SERVER ? servers_[rank] : workers_[rank];
}

Status Membership::Join(const JoinRequest& request) {
  MutexLock lock(mutex_);
  std::vector<Member>& members = request.role() == ROLE_SERVER ? servers_ : workers_;
  if (request.rank() < 0 || request.rank() >= static_cast<int>(members.size())) {
    return UsageError("there is no place for " + ProcessName(request.role(), request.rank()) +
                      " in a job of " + std::to_string(servers_.size()) + " servers and " +
                      std::to_string(workers_.size()) + " workers");
  }
  Member& member = members[request.rank()];
  if (member.join.has_value() && member.join->pid() != request.pid()) {
    return Failure(ProcessName(request.role(), request.rank()) + " joined twice");
  }
  for (const Member& other : workers_) {
    if (request.role() != ROLE_WORKER || !other.join.has_value()) continue;
    if (other.join->job_hash() != request.job_hash() ||
        other.join->log_schema() != request.log_schema() ||
        other.join->train_rows() != request.train_rows() ||
        other.join->holdout_rows() != request.holdout_rows() ||
        other.join->test_rows() != request.test_rows() ||
        other.join->parameters().SerializeAsString() != request.parameters().SerializeAsString()) {
      return UsageError(ProcessName(ROLE_WORKER, request.rank()) + " on " + request.host() +
                        " reads another job or log than " +
                        DescribeLocked(ROLE_WORKER, other.join->rank()) +
                        ": give all ranks the same --job and data.log");
    }
  }
  member.join = request;
  member.last_beat = Clock::now();
  changed_.NotifyAll();
  return Ok();
}

std::string Membership::Missing() const {
  std::string names;
  const auto add = [&names](Role role, const std::vector<Member>& members) {
    for (size_t rank = 0; rank < members.size(); ++rank) {
      if (members[rank].join.has_value()) continue;
      names += (names.empty() ? "" : ", ") + ProcessName(role, static_cast<int>(rank));
    }
  };
  add(ROLE_SERVER, servers_);
  add(ROLE_WORKER, workers_);
  return names;
}

Status Membership::WaitForAll(std::chrono::milliseconds timeout) {
  MutexLock lock(mutex_);
  const auto deadline = Clock::now() + timeout;
  while (!interrupted_.has_value() && !Missing().empty()) {
    if (!changed_.WaitUntil(mutex_, deadline)) return Failure("did not join in time: " + Missing());
  }
  if (interrupted_.has_value()) return *interrupted_;
  return Ok();
}

JoinRequest Membership::worker_view() const {
  MutexLock lock(mutex_);
  return *workers_.front().join;
}

void Membership::Beat(const Heartbeat& heartbeat) {
  MutexLock lock(mutex_);
  std::vector<Member>& members = heartbeat.role() == ROLE_SERVER ? servers_ : workers_;
  if (heartbeat.rank() < 0 || heartbeat.rank() >= static_cast<int>(members.size())) return;
  members[heartbeat.rank()].last_beat = Clock::now();
  resident_bytes_max_ = std::max(resident_bytes_max_, heartbeat.resident_bytes());
}

std::optional<std::string> Membership::FindSilent(std::chrono::milliseconds silence) const {
  MutexLock lock(mutex_);
  const auto oldest = Clock::now() - silence;
  for (const Role role : {ROLE_SERVER, ROLE_WORKER}) {
    const std::vector<Member>& members = role == ROLE_SERVER ? servers_ : workers_;
    for (size_t rank = 0; rank < members.size(); ++rank) {
      if (members[rank].join.has_value() && members[rank].last_beat < oldest) {
        return DescribeLocked(role, static_cast<int>(rank));
      }
    }
  }
  return std::nullopt;
}

std::string Membership::Describe(Role role, int rank) const {
  MutexLock lock(mutex_);
  return DescribeLocked(role, rank);
}

std::string Membership::DescribeLocked(Role role, int rank) const {
  const Member& member = At(role, rank);
  std::string text = ProcessName(role, rank);
  if (member.join.has_value()) {
    text += " (" + member.join->host() + ", pid " + std::to_string(member.join->pid()) + ")";
  }
  return text;
}

int64_t Membership::resident_bytes_max() const {
  MutexLock lock(mutex_);
  return resident_bytes_max_;
}

void Membership::Interrupt(const Error& error) {
  MutexLock lock(mutex_);
  if (!interrupted_.has_value()) interrupted_ = error;
  changed_.NotifyAll();
}

}  // namespace primacy
