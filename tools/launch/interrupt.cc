#include "tools/launch/interrupt.h"

#include <atomic>
#include <csignal>

namespace primacy {
namespace {

// A signal handler can reach nothing but what is global.
std::atomic<int> interrupts = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void Count(int) { ++interrupts; }

}  // namespace

void CountInterrupts() {
  struct sigaction action = {};
  action.sa_handler = Count;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

int Interrupts() { return interrupts; }

}  // namespace primacy
