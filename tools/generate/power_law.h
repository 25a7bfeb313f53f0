// Ranks whose popularity falls as a power: few that are seen all the time, many that are seen once.
#pragma once

#include <cmath>
#include <cstdint>

namespace primacy::generate {

// Draws ranks 0 .. count − 1 by inverting the distribution x^−exponent, continuous on [1, count +
// 1), and rounding down: a Zipf law in all but the exact weight of the first few ranks, at one draw
// each and without a table, whatever `count` is.
class PowerLaw {
 public:
  PowerLaw(uint64_t count, double exponent) : count_(count), power_(1.0 - exponent) {
    const double end = static_cast<double>(count) + 1.0;
    span_ = Logarithmic() ? std::log(end) : std::pow(end, power_) - 1.0;
  }

  // `u` in [0, 1).
  uint64_t Rank(double u) const {
    const double x = Logarithmic() ? std::exp(u * span_) : std::pow(1.0 + u * span_, 1.0 / power_);
    const uint64_t rank = static_cast<uint64_t>(x) - 1;
    return rank < count_ ? rank : count_ - 1;
  }

 private:
  bool Logarithmic() const { return std::abs(power_) < 1e-9; }

  uint64_t count_;
  double power_;
  double span_;
};

}  // namespace primacy::generate
