#include "ps/table/row_init.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "common/base/hash.h"

namespace primacy {
namespace {

// Rows of `keys`, [keys, dim].
std::vector<float> Rows(uint64_t seed, float stddev, size_t dim, std::span<const Key> keys) {
  std::vector<float> values(keys.size() * dim, NAN);
  std::vector<float*> rows;
  for (size_t k = 0; k < keys.size(); ++k) rows.push_back(&values[k * dim]);
  InitialRows(seed, stddev, dim, keys, rows.data());
  return values;
}

std::vector<Key> Keys(size_t count) {
  std::vector<Key> keys(count);
  for (size_t i = 0; i < count; ++i) keys[i] = Mix64(i);
  return keys;
}

// The definition in double: draw j of the key's stream gives elements 2j and 2j + 1.
double Oracle(uint64_t seed, Key key, size_t element) {
  const uint64_t draw = Mix64(HashCombine(seed, key) + (element / 2) * 0x9E3779B97F4A7C15ull);
  const double u = (static_cast<double>(draw >> 40) + 1) * 0x1p-24;
  const uint32_t low = static_cast<uint32_t>(draw);
  const double angle = static_cast<int32_t>(low & ~3u) * 0x1p-32 * (std::numbers::pi / 2);
  const double along = (low & 1) != 0 ? -std::cos(angle) : std::cos(angle);
  const double across = std::sin(angle);
  const bool swapped = (low & 2) != 0;
  return std::sqrt(-2 * std::log(u)) * ((element % 2 == 0) != swapped ? along : across);
}

TEST(RowInitTest, IsItsDefinition) {
  const std::vector<Key> keys = Keys(2000);
  const std::vector<float> rows = Rows(42, 1, 16, keys);
  for (size_t k = 0; k < keys.size(); ++k) {
    for (size_t i = 0; i < 16; ++i) {
      ASSERT_NEAR(rows[k * 16 + i], Oracle(42, keys[k], i), 2e-6) << k << " " << i;
    }
  }
}

TEST(RowInitTest, ElementsDependOnSeedKeyAndPlaceOnly) {
  const std::vector<Key> keys = Keys(70);
  const std::vector<float> wide = Rows(1, 0.01f, 2051, keys);
  for (const size_t dim : {1, 2, 7, 16, 33, 1023, 1025}) {
    const std::vector<float> together = Rows(1, 0.01f, dim, keys);
    for (size_t k = 0; k < keys.size(); ++k) {
      const std::vector<float> alone = Rows(1, 0.01f, dim, std::span(keys).subspan(k, 1));
      for (size_t i = 0; i < dim; ++i) {
        ASSERT_EQ(alone[i], wide[k * 2051 + i]) << "dim " << dim;
        ASSERT_EQ(together[k * dim + i], wide[k * 2051 + i]) << "dim " << dim;
      }
    }
  }
  EXPECT_NE(Rows(2, 0.01f, 1, keys), Rows(1, 0.01f, 1, keys));
}

// Bits that checkpoints of every machine agree on.
TEST(RowInitTest, BitsNeverChange) {
  const Key keys[] = {0, 0x0123'4567'89AB'CDEFull};
  const std::vector<float> rows = Rows(1, 0.5f, 3, keys);
  const std::vector<float> expected = {0x1.9ec5a8p-1f,  0x1.f92f66p-9f, -0x1.c54d48p-2f,
                                       -0x1.65ca8ap-1f, 0x1.c8d776p-2f, 0x1.68559ep-1f};
  EXPECT_EQ(rows, expected);
}

TEST(RowInitTest, IsNormal) {
  const std::vector<float> values = Rows(3, 2, 64, Keys(20'000));
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0, fourths = 0, within = 0, neighbours = 0, largest = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double z = values[i] / 2.0;
    sum += z;
    squares += z * z;
    fourths += z * z * z * z;
    within += std::abs(z) < 1;
    if (i > 0) neighbours += z * values[i - 1] / 2.0;
    largest = std::max(largest, std::abs(z));
  }
  // Four standard errors each, 1.28 M values.
  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 4 * std::sqrt(2 / n));
  EXPECT_NEAR(fourths / n, 3, 4 * std::sqrt(96 / n));
  EXPECT_NEAR(within / n, 0.682689, 4 * 0.4655 / std::sqrt(n));
  EXPECT_NEAR(neighbours / n, 0, 4 / std::sqrt(n));
  EXPECT_GT(largest, 4);
  EXPECT_LT(largest, 5.8);
}

TEST(RowInitTest, NoDeviationIsZero) {
  for (const float value : Rows(1, 0, 8, Keys(10))) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace primacy
