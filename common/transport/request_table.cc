#include "common/transport/request_table.h"

#include <algorithm>
#include <utility>

namespace primacy::transport {

template <typename Predicate>
std::vector<PendingRequest> RequestTable::TakeIf(Predicate predicate) {
  std::vector<PendingRequest> taken;
  for (auto it = requests_.begin(); it != requests_.end();) {
    if (predicate(it->second)) {
      taken.push_back(std::move(it->second));
      it = requests_.erase(it);
    } else {
      ++it;
    }
  }
  return taken;
}

void RequestTable::Add(uint64_t id, PendingRequest request) {
  CHECK(requests_.emplace(id, std::move(request)).second) << "request id " << id << " given twice";
}

std::optional<PendingRequest> RequestTable::Take(uint64_t id) {
  auto node = requests_.extract(id);
  if (node.empty()) return std::nullopt;
  return std::move(node.mapped());
}

std::vector<PendingRequest> RequestTable::TakeExpired(Clock::time_point now) {
  return TakeIf([now](const PendingRequest& request) {
    return request.deadline.has_value() && *request.deadline <= now;
  });
}

std::vector<PendingRequest> RequestTable::TakeLost(Clock::time_point now) {
  return TakeIf([this, now](PendingRequest& request) {
    if (!request.deadline.has_value() && now - request.sent_at >= settled_after_) {
      request.connections_lost = 0;
    }
    return ++request.connections_lost > 1;
  });
}

std::vector<PendingRequest> RequestTable::TakeAll() {
  return TakeIf([](const PendingRequest&) { return true; });
}

std::vector<std::shared_ptr<const OutgoingFrame>> RequestTable::Resend(Clock::time_point now) {
  std::vector<std::shared_ptr<const OutgoingFrame>> frames;
  frames.reserve(requests_.size());
  for (auto& [id, request] : requests_) {
    request.sent_at = now;
    frames.push_back(request.frame);
  }
  return frames;
}

std::optional<Clock::time_point> RequestTable::NextDeadline() const {
  std::optional<Clock::time_point> next;
  for (const auto& [id, request] : requests_) {
    if (request.deadline.has_value())
      next = std::min(next.value_or(*request.deadline), *request.deadline);
  }
  return next;
}

}  // namespace primacy::transport
