#include "worker/nn/bfloat16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::TestMatrix;

// Every value comes back as itself, NaN as a NaN.
TEST(Bf16, ValuesAreTheirOwnRounding) {
  for (uint32_t bits = 0; bits < 1u << 16; ++bits) {
    const float value = FromBf16(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(FromBf16(ToBf16(value)))) << bits;
    } else {
      ASSERT_EQ(ToBf16(value), bits);
    }
  }
}

// Around each pair of neighbours: below the middle down, above it up, on it to the even one.
TEST(Bf16, RoundsToTheNearestAndToEven) {
  for (uint32_t bits = 0; bits < 0x7F80; ++bits) {
    for (const uint32_t sign : {0u, 0x8000u}) {
      const uint32_t low = bits | sign;
      const uint32_t middle = low << 16 | 0x8000u;
      ASSERT_EQ(ToBf16(std::bit_cast<float>(middle - 1)), low);
      ASSERT_EQ(ToBf16(std::bit_cast<float>(middle + 1)), low + 1);
      ASSERT_EQ(ToBf16(std::bit_cast<float>(middle)), low % 2 == 0 ? low : low + 1);
    }
  }
}

TEST(Bf16, NanIsNotHidden) {
  // One whose upper half alone would be infinity.
  const float nan = std::bit_cast<float>(0x7F800001u);
  EXPECT_TRUE(std::isnan(FromBf16(ToBf16(nan))));
  EXPECT_EQ(FromBf16(ToBf16(3.4e38f)), std::numeric_limits<float>::infinity());
}

TEST(Bf16, ConvertsMatricesOfAnyStride) {
  for (const size_t gap : {size_t{0}, size_t{3}}) {
    const size_t rows = 5, cols = 37;
    const TestMatrix from = TestMatrix::Random(rows, cols, 1, 1, cols + gap);
    std::vector<uint16_t> rounded(rows * (cols + gap), 7);
    const Operand middle{rounded.data(), rows, cols, cols + gap, Element::kBf16};
    Convert(from.view(), middle);
    TestMatrix back(rows, cols, cols + gap, 9.0f), copy(rows, cols, 0, 9.0f);
    Convert(middle, back.view());
    Convert(from.view(), copy.view());
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < cols; ++j) {
        ASSERT_EQ(back(i, j), FromBf16(ToBf16(from(i, j))));
        ASSERT_EQ(copy(i, j), from(i, j));
      }
      for (size_t j = cols; j < cols + gap; ++j) {
        ASSERT_EQ(rounded[i * (cols + gap) + j], 7);
        ASSERT_EQ(back(i, j), 9.0f);
      }
    }
  }
}

}  // namespace
}  // namespace primacy
