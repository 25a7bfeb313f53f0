#include "common/base/narrow_floats.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace primacy {
namespace {

uint16_t Bf16(float value) {
  uint16_t out = 0;
  ToBf16({&value, 1}, &out);
  return out;
}
uint16_t Fp16(float value) {
  uint16_t out = 0;
  ToFp16({&value, 1}, &out);
  return out;
}
float Wide(uint16_t half) {
  float out = 0;
  FromFp16({&half, 1}, &out);
  return out;
}

TEST(NarrowFloats, Bf16RoundsToNearestEven) {
  EXPECT_EQ(Bf16(1.0f), 0x3F80);
  EXPECT_EQ(Bf16(-2.5f), 0xC020);
  EXPECT_EQ(Bf16(1.0f + 0x1p-8f), 0x3F80) << "a tie goes to the even one below";
  EXPECT_EQ(Bf16(1.0f + 3 * 0x1p-8f), 0x3F82) << "a tie goes to the even one above";
  EXPECT_EQ(Bf16(1.0f + 0x1.02p-8f), 0x3F81);
  EXPECT_EQ(Bf16(std::numeric_limits<float>::max()), 0x7F80) << "rounds to infinity";
  EXPECT_EQ(Bf16(-std::numeric_limits<float>::infinity()), 0xFF80);
  EXPECT_EQ(Bf16(std::bit_cast<float>(0x7F800001u)) & 0x7FC0, 0x7FC0) << "NaN stays NaN";
}

TEST(NarrowFloats, Bf16ReturnsWhatItHolds) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const uint16_t bits = static_cast<uint16_t>(half);
    float wide = 0;
    FromBf16({&bits, 1}, &wide);
    if (std::isnan(wide)) continue;
    EXPECT_EQ(Bf16(wide), bits);
  }
}

TEST(NarrowFloats, Fp16HasItsKnownValues) {
  EXPECT_EQ(Fp16(1.0f), 0x3C00);
  EXPECT_EQ(Fp16(-2.0f), 0xC000);
  EXPECT_EQ(Fp16(65504.0f), 0x7BFF);
  EXPECT_EQ(Fp16(65519.0f), 0x7BFF);
  EXPECT_EQ(Fp16(65520.0f), 0x7C00) << "rounds to infinity";
  EXPECT_EQ(Fp16(0x1p-14f), 0x0400) << "smallest normal number";
  EXPECT_EQ(Fp16(0x1p-24f), 0x0001) << "smallest of all";
  EXPECT_EQ(Fp16(0x1p-25f), 0x0000) << "a tie goes to zero";
  EXPECT_EQ(Fp16(0x1.8p-24f), 0x0002) << "a tie goes to the even one";
  EXPECT_EQ(Fp16(-0.0f), 0x8000);
  EXPECT_EQ(Fp16(1.0f + 0x1p-11f), 0x3C00) << "a tie goes to the even one";
  EXPECT_EQ(Fp16(1.0f + 3 * 0x1p-11f), 0x3C02);
  EXPECT_TRUE(std::isnan(Wide(Fp16(std::nanf("")))));
}

TEST(NarrowFloats, Fp16ReturnsWhatItHolds) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const uint16_t bits = static_cast<uint16_t>(half);
    if ((bits & 0x7FFF) > 0x7C00) continue;  // NaN
    EXPECT_EQ(Fp16(Wide(bits)), bits);
  }
  EXPECT_EQ(Wide(0x3555), 0x1.554p-2f);
}

TEST(NarrowFloats, LongSpansAreAsSingleValues) {
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(std::sin(static_cast<float>(i)) * 0x1p-10f);
  std::vector<uint16_t> bf16(values.size()), fp16(values.size());
  ToBf16(values, bf16.data());
  ToFp16(values, fp16.data());
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(bf16[i], Bf16(values[i]));
    EXPECT_EQ(fp16[i], Fp16(values[i]));
  }
}

TEST(NarrowFloats, TheScaleIsAPowerOfTwoThatFits) {
  const std::vector<float> small = {0, -3e-7f, 1e-7f};
  EXPECT_EQ(LargestMagnitude(small), 3e-7f);
  const float scale = Fp16Scale(3e-7f);
  EXPECT_EQ(std::exp2(std::log2(scale)), scale);
  EXPECT_GE(3e-7f * scale, 8192);
  EXPECT_LT(3e-7f * scale, 16384);
  EXPECT_EQ(LargestMagnitude({}), 0);
  EXPECT_EQ(Fp16Scale(0), 1);
  EXPECT_EQ(Fp16Scale(std::numeric_limits<float>::infinity()), 1);
  const std::vector<float> wrong = {1, std::nanf(""), 2};
  EXPECT_TRUE(std::isnan(LargestMagnitude(wrong)));
}

}  // namespace
}  // namespace primacy
