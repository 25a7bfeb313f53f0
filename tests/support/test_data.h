// Real data for tests, found through the environment variable PRIMACY_TEST_DATA. Without it such
// tests are skipped; with it none is, and what they need besides must be there too.
#pragma once

#include <gtest/gtest.h>

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

// A suite whose tests read real data.
class WithTestData : public testing::Test {
 protected:
  void SetUp() override {
    if (!TestData()) GTEST_SKIP() << "PRIMACY_TEST_DATA is not set";
  }
};

}  // namespace primacy::testing_support

// Ends a test on a machine that lacks `what`, a program or a library.
#define PRIMACY_END_TEST_WITHOUT(what)                                        \
  do {                                                                        \
    if (primacy::testing_support::TestData())                                 \
      GTEST_FAIL() << "PRIMACY_TEST_DATA is set, and there is no " << (what); \
    GTEST_SKIP() << "there is no " << (what);                                 \
  } while (false)
