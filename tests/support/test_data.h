// Real data for tests, found through the environment variable PRIMACY_TEST_DATA. Without it such
// tests are skipped.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace primacy::testing_support {

// The directory, or nothing.
inline std::optional<std::string> TestData() {
  const char* path = std::getenv("PRIMACY_TEST_DATA");
  if (path == nullptr || *path == '\0') return std::nullopt;
  return std::string(path);
}

}  // namespace primacy::testing_support
