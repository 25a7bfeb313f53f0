#include "worker/nn/dropout.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::TestMatrix;

constexpr size_t kRows = 400;
constexpr size_t kUnits = 96;

std::vector<uint64_t> Sequence(uint64_t begin, size_t count) {
  std::vector<uint64_t> rows(count);
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

TestMatrix Mask(double rate, uint64_t seed, uint64_t layer, std::span<const uint64_t> rows,
                size_t first_unit = 0, size_t units = kUnits) {
  TestMatrix mask(rows.size(), units, 0, 1.0f);
  Dropout(rate).Apply(seed, layer, rows, first_unit, mask.view());
  return mask;
}

double KeptShare(const TestMatrix& mask) {
  size_t kept = 0;
  for (const float value : mask.data) kept += value != 0;
  return static_cast<double>(kept) / static_cast<double>(mask.data.size());
}

TEST(Dropout, KeepsTheMean) {
  for (const double rate : {0.1, 0.5, 0.9}) {
    const TestMatrix mask = Mask(rate, 1, 2, Sequence(1000, kRows));
    const double deviation = std::sqrt(rate * (1 - rate) / (kRows * kUnits));
    EXPECT_NEAR(KeptShare(mask), 1 - rate, 5 * deviation);
    for (const float value : mask.data) {
      ASSERT_TRUE(value == 0 || std::fabs(value - 1 / (1 - rate)) < 1e-5) << value;
    }
  }
}

TEST(Dropout, DoesNotDependOnSlices) {
  const std::vector<uint64_t> rows = Sequence(77, 60);
  const TestMatrix whole = Mask(0.4, 1, 2, rows);
  const TestMatrix part = Mask(0.4, 1, 2, std::span(rows).subspan(23, 10));
  const TestMatrix units = Mask(0.4, 1, 2, rows, 40, 13);
  for (size_t i = 0; i < 10; ++i) {
    for (size_t j = 0; j < kUnits; ++j) EXPECT_EQ(part(i, j), whole(23 + i, j));
  }
  for (size_t i = 0; i < 60; ++i) {
    for (size_t j = 0; j < 13; ++j) EXPECT_EQ(units(i, j), whole(i, 40 + j));
  }
}

// Masks of other seeds, layers, rows and units agree as often as independent ones: with probability
// ½ at rate ½.
TEST(Dropout, SeedsLayersRowsAndUnitsAreIndependent) {
  const TestMatrix mask = Mask(0.5, 1, 2, Sequence(0, kRows));
  const TestMatrix seed = Mask(0.5, 2, 2, Sequence(0, kRows));
  const TestMatrix layer = Mask(0.5, 1, 3, Sequence(0, kRows));
  const TestMatrix next_row = Mask(0.5, 1, 2, Sequence(1, kRows));
  const TestMatrix next_unit = Mask(0.5, 1, 2, Sequence(0, kRows), 1);
  for (const TestMatrix* other : {&seed, &layer, &next_row, &next_unit}) {
    size_t equal = 0;
    for (size_t i = 0; i < mask.data.size(); ++i) equal += mask.data[i] == other->data[i];
    const double deviation = std::sqrt(0.25 / (kRows * kUnits));
    EXPECT_NEAR(static_cast<double>(equal) / (kRows * kUnits), 0.5, 5 * deviation);
  }
}

TEST(Dropout, ZeroRateIsOff) {
  EXPECT_FALSE(Dropout(0).enabled());
  EXPECT_EQ(Dropout(0).kept_scale(), 1.0f);
  EXPECT_TRUE(Dropout(0.25).enabled());
  EXPECT_FLOAT_EQ(Dropout(0.25).kept_scale(), 4.0f / 3);
}

}  // namespace
}  // namespace primacy
