// Keys of a table, and where their rows are as far as that is known already.
#pragma once

#include <cstdint>
#include <span>

#include "common/protocol/ids.h"

namespace primacy {

struct PlacedKeys {
  std::span<const Key> keys;
  // [keys], KeyIndex::kMissing for a key that had no row; or empty: nothing is known.
  std::span<const uint32_t> rows;
};

}  // namespace primacy
