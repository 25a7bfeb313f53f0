#include "common/base/student.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

// scipy.stats.t.ppf(0.975, degrees)
TEST(StudentQuantile, AsScipyHasIt) {
  EXPECT_NEAR(StudentQuantile(1), 12.70620474, 2e-6);
  EXPECT_NEAR(StudentQuantile(2), 4.30265273, 2e-6);
  EXPECT_NEAR(StudentQuantile(4), 2.77644511, 2e-6);
  EXPECT_NEAR(StudentQuantile(9), 2.26215716, 2e-6);
  EXPECT_NEAR(StudentQuantile(30), 2.04227246, 2e-6);
  EXPECT_NEAR(StudentQuantile(31), 2.03951345, 2e-6);
  EXPECT_NEAR(StudentQuantile(100), 1.98397152, 2e-6);
  EXPECT_NEAR(StudentQuantile(100000), 1.95998771, 2e-6);
  EXPECT_NEAR(StudentQuantile(int64_t{1} << 40), 1.95996398, 2e-6);
}

}  // namespace
}  // namespace primacy
