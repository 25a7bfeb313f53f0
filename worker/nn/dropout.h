// Dropout whose mask is a pure function of (seed, layer, row, unit): it does not matter in which
// slice of the batch, on which worker or in which order a row is computed.
#pragma once

#include <cstdint>
#include <span>

#include "worker/nn/matrix.h"

namespace primacy {

// Inverted dropout (Srivastava et al. 2014): units are set to 0 with probability `rate` and the
// others divided by 1 - rate.
class Dropout {
 public:
  // rate in [0, 1), in steps of 2^-32.
  explicit Dropout(double rate);

  bool enabled() const { return threshold_ > 0; }
  // What kept units are multiplied by.
  float kept_scale() const { return scale_; }

  // y [rows, units] are units first_unit, first_unit + 1, … of the layer; row_sequence [rows]
  // numbers each row within the whole sequence of rows.
  void Apply(uint64_t seed, uint64_t layer, std::span<const uint64_t> row_sequence,
             size_t first_unit, Operand y) const;

 private:
  uint32_t threshold_;
  float scale_;
};

}  // namespace primacy
