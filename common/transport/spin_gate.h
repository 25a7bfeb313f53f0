// Whether polling before sleep has paid of late.
#pragma once

#include <cstdint>

namespace primacy::transport {

// Used by one thread. Polls that find nothing become rare, so that a thread which waits for long,
// or shares its core, does not keep that core busy: after kFutileMax of them in a row every second
// wait is polled, then every fourth, down to every kPauseMax-th. One that finds something restores
// all.
class SpinGate {
 public:
  static constexpr uint32_t kFutileMax = 8;
  static constexpr uint32_t kPauseMax = 64;

  // Asked once per wait.
  bool ShouldSpin();
  // What the poll came to.
  void Spun(bool found);

 private:
  uint32_t futile_ = 0;  // in a row
  uint32_t pause_ = 0;   // waits from one poll to the next, less one
  uint32_t skip_ = 0;    // waits until the next poll
};

}  // namespace primacy::transport
