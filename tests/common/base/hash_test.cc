// These values are part of file formats and of what a seed means: a change here breaks logs,
// checkpoints and repeatability.
#include "common/base/hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>

namespace primacy {
namespace {

TEST(HashBytes, IsXxh64WithSeedZero) {
  EXPECT_EQ(HashBytes(""), 0xEF46DB3751D8E999u);
  EXPECT_EQ(HashBytes("a"), 0xD24EC4F1A98C6E5Bu);
  EXPECT_EQ(HashBytes("abc"), 0x44BC2CF5AD770999u);
  EXPECT_EQ(HashBytes(std::string_view("a\0", 2)) == HashBytes("a"), false);
}

TEST(Mix64, IsTheOutputOfSplitMix64) {
  // The generator's first five numbers for the seed 1234567, as published with its reference code.
  const uint64_t expected[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                               4593380528125082431u, 16408922859458223821u};
  uint64_t state = 1234567;
  for (const uint64_t number : expected) {
    EXPECT_EQ(Mix64(state), number);
    state += 0x9E3779B97F4A7C15u;
  }
}

TEST(HashCombine, DependsOnTheOrder) {
  EXPECT_EQ(HashCombine(1, 2), 0xE06DD043328BD285u);
  EXPECT_EQ(HashCombine(2, 1), 0xBCD9DBB49673066Bu);
}

TEST(RandomBits, IsAFixedFunctionOfSeedAndCounter) {
  EXPECT_EQ(RandomBits(1, 0), 0x5E41AB087439611Eu);
  EXPECT_EQ(RandomBits(1, 1), 0x63E0053446600B2Fu);
  EXPECT_EQ(RandomBits(2, 0), 0x64684C4F0FD784B4u);
  EXPECT_EQ(RandomBits(42, 1000000007), 0x36A0CF9F02C9138u);
}

TEST(RandomBits, EveryBitIsSetHalfTheTime) {
  constexpr int kDraws = 20000;
  int ones[64] = {};
  for (int i = 0; i < kDraws; ++i) {
    const uint64_t bits = RandomBits(5, i);
    for (int bit = 0; bit < 64; ++bit) ones[bit] += static_cast<int>(bits >> bit & 1);
  }
  // Five standard deviations of a fair coin.
  for (const int count : ones) EXPECT_NEAR(count, kDraws / 2.0, 5 * std::sqrt(kDraws) / 2);
}

TEST(RandomUniform, IsTheTop53BitsAsAFraction) {
  EXPECT_EQ(RandomUniform(1, 0), 0.36818951565166946);
  EXPECT_EQ(RandomUniform(1, 1), 0.39013702894442315);
}

TEST(RandomNormal, HasFixedValuesMeanZeroAndVarianceOne) {
  EXPECT_DOUBLE_EQ(RandomNormal(7, 0), -1.383460765848017);
  EXPECT_DOUBLE_EQ(RandomNormal(7, 1), 1.6641427141294902);
  EXPECT_DOUBLE_EQ(RandomNormal(7, 2), -0.12968701427559282);
  constexpr int kDraws = 100000;
  double sum = 0;
  double squares = 0;
  double fourths = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = RandomNormal(9, i);
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  // Five standard deviations: 1, √2 and √96 over √draws.
  EXPECT_NEAR(sum / kDraws, 0, 0.016);
  EXPECT_NEAR(squares / kDraws, 1, 0.023);
  EXPECT_NEAR(fourths / kDraws, 3, 0.16);
}

TEST(RandomBelow, CoversItsRangeEvenly) {
  const uint64_t expected[] = {7, 4, 1, 2, 1, 4, 7, 9, 5, 2, 6, 0};
  for (uint64_t i = 0; i < std::size(expected); ++i) EXPECT_EQ(RandomBelow(3, i, 10), expected[i]);
  constexpr int kDraws = 70000;
  int counts[7] = {};
  for (int i = 0; i < kDraws; ++i) ++counts[RandomBelow(8, i, 7)];
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 7.0, 500);
  EXPECT_EQ(RandomBelow(8, 1, 1), 0u);
}

}  // namespace
}  // namespace primacy
