// ASSERT_OK(expression): the expression's Status or Result is fine, else its error is shown.
#pragma once

#include <gtest/gtest.h>

#include "common/base/result.h"

namespace primacy::testing_support {

template <typename T>
testing::AssertionResult IsOk(const T& outcome) {
  if (outcome.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << outcome.error().trace();
}

}  // namespace primacy::testing_support

#define ASSERT_OK(expression) ASSERT_TRUE(::primacy::testing_support::IsOk(expression))
#define EXPECT_OK(expression) EXPECT_TRUE(::primacy::testing_support::IsOk(expression))
