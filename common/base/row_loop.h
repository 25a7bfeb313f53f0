// The usual numbers of weights a row, known to the compiler: loops over them need no tails.
#pragma once

#include <cstddef>
#include <type_traits>

#include "common/base/vectorize.h"

namespace primacy {

// Calls body(dim) with a constant for the usual dims.
template <typename Body>
PRIMACY_IN_LOOP void WithDim(size_t dim, const Body& body) {
  switch (dim) {
    case 4:
      return body(std::integral_constant<size_t, 4>());
    case 8:
      return body(std::integral_constant<size_t, 8>());
    case 16:
      return body(std::integral_constant<size_t, 16>());
    case 32:
      return body(std::integral_constant<size_t, 32>());
    default:
      return body(dim);
  }
}

}  // namespace primacy
