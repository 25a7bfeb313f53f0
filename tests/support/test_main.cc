#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/result.h"

namespace {

// What ctest takes for "skipped" (SKIP_RETURN_CODE): nothing failed, and something did not run.
constexpr int kSkipped = 77;

}  // namespace

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  testing::InitGoogleMock(&argc, argv);
  const int outcome = RUN_ALL_TESTS();
  if (outcome != 0) return outcome;
  return testing::UnitTest::GetInstance()->skipped_test_count() > 0 ? kSkipped : 0;
}
