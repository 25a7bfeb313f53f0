// Polling for a moment before a thread sleeps.
#pragma once

#include <sched.h>

#include <chrono>

namespace primacy::transport {

// `wanted`, or zero when this process may use one processor only: what it waits for needs that one.
std::chrono::microseconds UsefulSpin(std::chrono::microseconds wanted);

// Calls `poll` until it returns true or `length` has passed, and says whether it did. Offers the
// core to other threads between two calls.
template <typename Poll>
bool SpinUntil(std::chrono::microseconds length, Poll poll) {
  const auto deadline = std::chrono::steady_clock::now() + length;
  do {
    if (poll()) return true;
    ::sched_yield();
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

}  // namespace primacy::transport
