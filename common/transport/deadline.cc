#include "common/transport/deadline.h"

#include <utility>

namespace primacy::transport {

Deadline::Deadline(const asio::any_io_executor& executor, std::chrono::milliseconds timeout,
                   std::function<void()> on_expiry)
    : state_(std::make_shared<State>()), timer_(executor, timeout) {
  state_->on_expiry = std::move(on_expiry);
  // The timer's handler may be queued already when it is cancelled, so the state decides.
  timer_.async_wait([state = state_](error_code error) {
    if (error || !state->on_expiry) return;
    state->expired = true;
    state->on_expiry();
  });
}

Deadline::~Deadline() { state_->on_expiry = nullptr; }

}  // namespace primacy::transport
