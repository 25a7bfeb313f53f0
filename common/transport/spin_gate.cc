#include "common/transport/spin_gate.h"

#include <algorithm>

namespace primacy::transport {

bool SpinGate::ShouldSpin() {
  if (skip_ == 0) return true;
  --skip_;
  return false;
}

void SpinGate::Spun(bool found) {
  if (found) {
    *this = SpinGate();
    return;
  }
  if (++futile_ < kFutileMax) return;
  pause_ = std::min(2 * pause_ + 1, kPauseMax - 1);
  skip_ = pause_;
}

}  // namespace primacy::transport
