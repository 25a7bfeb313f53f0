// Adds the time of a scope to a sum.
#pragma once

#include <chrono>

namespace primacy {

class Stopwatch {
 public:
  // `seconds` outlives this.
  explicit Stopwatch(double& seconds) : seconds_(seconds) {}
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - began_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  const Clock::time_point began_ = Clock::now();
};

}  // namespace primacy
