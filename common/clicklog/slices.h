// The folders of a log.
#pragma once

#include <array>

namespace primacy {

inline constexpr std::array<const char*, 3> kSliceNames = {"train", "holdout", "test"};

}  // namespace primacy
