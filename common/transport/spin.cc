#include "common/transport/spin.h"

namespace primacy::transport {

std::chrono::microseconds UsefulSpin(std::chrono::microseconds wanted) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  // More processors than the set holds: more than one.
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return wanted;
  return CPU_COUNT(&allowed) > 1 ? wanted : std::chrono::microseconds(0);
}

}  // namespace primacy::transport
