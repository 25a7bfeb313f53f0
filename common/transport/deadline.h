// Calls a function unless it is destroyed in time. Used on one io thread only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "common/transport/asio.h"

namespace primacy::transport {

class Deadline {
 public:
  Deadline(const asio::any_io_executor& executor, std::chrono::milliseconds timeout,
           std::function<void()> on_expiry);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  bool expired() const { return state_->expired; }

 private:
  struct State {
    std::function<void()> on_expiry;  // empty once the deadline is destroyed
    bool expired = false;
  };
  std::shared_ptr<State> state_;
  asio::steady_timer timer_;
};

}  // namespace primacy::transport
