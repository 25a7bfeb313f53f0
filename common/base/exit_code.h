// How the programs of the project end, as docs/operations.md tells people: 0 is an end in order.
#pragma once

#include "common/base/result.h"

namespace primacy {

inline constexpr int kFailureExitCode = 1;
inline constexpr int kUsageExitCode = 2;
inline constexpr int kRequirementMissedExitCode = 3;  // a finished job's priority.fail_on
inline constexpr int kStoppedExitCode = 130;          // on request; what shells say of SIGINT

inline int ExitCodeOf(const Error& error) {
  return error.kind() == ErrorKind::kUsage ? kUsageExitCode : kFailureExitCode;
}

}  // namespace primacy
