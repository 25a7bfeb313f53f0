// Strong types for the numbers that are easily swapped, and the constants of the sharding.
#pragma once

#include <cstdint>

namespace primacy {

// Hash ranges of the key space: the unit of routing, files, caps and sums, whatever the number of
// servers.
inline constexpr uint32_t kVirtualShards = 4096;

// A key as tables know it: the log's raw value mixed with its embedding group.
using Key = uint64_t;

// A step counts updates within a stage, from 0.
using Step = int64_t;

}  // namespace primacy
