// The range of every number of the job file.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace primacy {

inline constexpr double kNoLimit = std::numeric_limits<double>::infinity();

// Whether `least` and `most` themselves are in range.
enum class Bounds { kClosed, kOpenBelow, kOpenAbove };

// Holds for each entry of a repeated field. Numbers without a limit above must still be finite.
struct Limit {
  std::string_view field;  // "TrainingConfig.batch_rows": message and field of job.proto
  double least = 0;
  double most = kNoLimit;
  Bounds bounds = Bounds::kClosed;
};

std::span<const Limit> JobLimits();

// "" when `value` is in range, else what is wrong: "must be at least 1, is 0".
std::string OutOfRange(const Limit& limit, double value);

}  // namespace primacy
