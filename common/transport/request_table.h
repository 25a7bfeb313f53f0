// The requests of a client that wait for their replies. No I/O and no locks.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/transport/outgoing_frame.h"

namespace primacy::transport {

using Clock = std::chrono::steady_clock;

struct PendingRequest {
  std::shared_ptr<const OutgoingFrame> frame;
  std::function<void(Result<Message>)> callback;
  std::optional<Clock::time_point> deadline;  // none: it may take any time
  Clock::time_point sent_at;
  int connections_lost = 0;  // while it was pending
};

// Not thread safe. Ordered by request id, the order in which requests were made.
class RequestTable {
 public:
  // A request without a deadline may outlast many connections; one that stood for `settled_after`
  // since the request was sent does not count against it.
  explicit RequestTable(Clock::duration settled_after) : settled_after_(settled_after) {}

  void Add(uint64_t id, PendingRequest request);
  std::optional<PendingRequest> Take(uint64_t id);
  // Removes and returns the requests whose deadline has come.
  std::vector<PendingRequest> TakeExpired(Clock::time_point now);
  // The connection is lost: removes and returns the requests that lost one before. The others may
  // be sent again.
  std::vector<PendingRequest> TakeLost(Clock::time_point now);
  std::vector<PendingRequest> TakeAll();
  // The frames of all requests, to be sent on a new connection.
  std::vector<std::shared_ptr<const OutgoingFrame>> Resend(Clock::time_point now);

  std::optional<Clock::time_point> NextDeadline() const;
  size_t size() const { return requests_.size(); }

 private:
  template <typename Predicate>
  std::vector<PendingRequest> TakeIf(Predicate predicate);

  const Clock::duration settled_after_;
  std::map<uint64_t, PendingRequest> requests_;
};

}  // namespace primacy::transport
