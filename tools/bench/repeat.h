// Times something by doing it again and again.
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

namespace primacy::bench {

// Median seconds of one call of `once`: after one that is not counted, at least three and as many
// as `seconds` hold.
template <typename Once>
double MedianSeconds(double seconds, const Once& once) {
  using Clock = std::chrono::steady_clock;
  once();
  std::vector<double> taken;
  const Clock::time_point begin = Clock::now();
  Clock::time_point at = begin;
  while (taken.size() < 3 || std::chrono::duration<double>(at - begin).count() < seconds) {
    once();
    const Clock::time_point now = Clock::now();
    taken.push_back(std::chrono::duration<double>(now - at).count());
    at = now;
  }
  std::nth_element(taken.begin(), taken.begin() + taken.size() / 2, taken.end());
  return taken[taken.size() / 2];
}

}  // namespace primacy::bench
