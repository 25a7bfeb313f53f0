#include "worker/nn/pooling.h"

#include <gtest/gtest.h>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::TestMatrix;

TEST(Pooling, HandWorked) {
  const std::vector<float> table = {1, 2, 10, 20, 100, 200};  // three rows of two
  const std::vector<uint32_t> offsets = {0, 3, 3, 4};
  const std::vector<uint32_t> positions = {0, 2, 0, 1};  // a repeated key, an empty list, one value
  TestMatrix out(3, 2, 3, 5.0f);
  PoolForward({offsets, positions, Pooling::kSum}, table.data(), 2, 0, 3, out.view());
  EXPECT_EQ(out.data, (std::vector<float>{102, 204, 5, 0, 0, 5, 10, 20, 5}));
  PoolForward({offsets, positions, Pooling::kMean}, table.data(), 2, 0, 3, out.view());
  EXPECT_EQ(out.data, (std::vector<float>{34, 68, 5, 0, 0, 5, 10, 20, 5}));

  TestMatrix d(3, 2);
  d.data = {3, 6, 7, 7, 1, 2};
  std::vector<float> gradient(6, 1.0f);  // adds to what is there
  PoolBackward({offsets, positions, Pooling::kMean}, d.view(), 2, 0, 3, gradient.data());
  EXPECT_EQ(gradient, (std::vector<float>{3, 5, 2, 3, 2, 3}));
  gradient.assign(6, 0.0f);
  PoolBackward({offsets, positions, Pooling::kSum}, d.view(), 2, 0, 3, gradient.data());
  EXPECT_EQ(gradient, (std::vector<float>{6, 12, 1, 2, 3, 6}));
}

class PoolingDims : public testing::TestWithParam<size_t> {};

TEST_P(PoolingDims, SingleValuesAndListsOfOneAreTheSame) {
  const size_t dim = GetParam();
  const size_t rows = 50;
  const TestMatrix table = TestMatrix::Random(20, dim, 1);
  std::vector<uint32_t> offsets = {0}, positions;
  for (size_t i = 0; i < rows; ++i) {
    positions.push_back(static_cast<uint32_t>(RandomBelow(2, i, 20)));
    offsets.push_back(static_cast<uint32_t>(i + 1));
  }
  TestMatrix single(rows, dim, dim + 3), many(rows, dim, dim + 3);
  // In two pieces, as the model's blocks of rows do.
  for (const auto& [begin, end] : {std::pair<size_t, size_t>{0, 17}, {17, rows}}) {
    PoolForward({{}, positions}, table.data.data(), dim, begin, end,
                single.view().Rows(begin, end - begin));
    PoolForward({offsets, positions}, table.data.data(), dim, begin, end,
                many.view().Rows(begin, end - begin));
  }
  std::vector<float> single_gradient(20 * dim, 0.0f), many_gradient(20 * dim, 0.0f);
  for (const auto& [begin, end] : {std::pair<size_t, size_t>{0, 17}, {17, rows}}) {
    const Matrix d = single.view().Rows(begin, end - begin);
    PoolBackward({{}, positions}, d, dim, begin, end, single_gradient.data());
    PoolBackward({offsets, positions}, d, dim, begin, end, many_gradient.data());
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < dim; ++c) {
      ASSERT_EQ(single(i, c), table(positions[i], c));
      ASSERT_EQ(many(i, c), table(positions[i], c));
    }
  }
  std::vector<float> expected(20 * dim, 0.0f);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < dim; ++c) expected[positions[i] * dim + c] += single(i, c);
  }
  EXPECT_EQ(single_gradient, expected);
  EXPECT_EQ(many_gradient, expected);
}

INSTANTIATE_TEST_SUITE_P(Dims, PoolingDims, testing::Values(1, 4, 7, 8, 16, 24, 32));

}  // namespace
}  // namespace primacy
