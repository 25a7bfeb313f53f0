#include "worker/nn/matmul.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <iterator>
#include <thread>

#include "tests/worker/nn/test_matrix.h"

namespace primacy {
namespace {

using testing_support::DotOf;
using testing_support::TestMatrix;

struct Shape {
  size_t m, n, k;
};

class MatMulShapes : public testing::TestWithParam<Shape> {};

// Errors of float sums of k products of values in ±1 stay well below k · 2^-24 · 4.
void ExpectProduct(const TestMatrix& c, double start, size_t k, auto a, auto b) {
  for (size_t i = 0; i < c.rows; ++i) {
    for (size_t j = 0; j < c.cols; ++j) {
      const double expected =
          start + DotOf(
                      k, [&](size_t x) { return a(i, x); }, [&](size_t x) { return b(x, j); });
      ASSERT_NEAR(c(i, j), expected, 2.5e-7 * (k + 4)) << i << " " << j;
    }
    for (size_t j = c.cols; j < c.stride; ++j) ASSERT_EQ(c(i, j), 7.0f) << "wrote beside c";
  }
}

TEST_P(MatMulShapes, AllThreeAgreeWithDouble) {
  const auto [m, n, k] = GetParam();
  for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
    const double start = accumulate == Accumulate::kYes ? 7.0 : 0.0;
    TestMatrix c(m, n, n + 3, 7.0f);
    const auto a = TestMatrix::Random(m, k, 1, 1, k + 5);
    const auto b = TestMatrix::Random(k, n, 2, 1, n + 1);
    MatMul(a.view(), b.view(), accumulate, c.view());
    ExpectProduct(
        c, start, k, [&](size_t i, size_t x) { return a(i, x); },
        [&](size_t x, size_t j) { return b(x, j); });

    c = TestMatrix(m, n, n + 3, 7.0f);
    const auto bt = TestMatrix::Random(n, k, 3, 1, k + 2);
    MatMulBt(a.view(), bt.view(), accumulate, c.view());
    ExpectProduct(
        c, start, k, [&](size_t i, size_t x) { return a(i, x); },
        [&](size_t x, size_t j) { return bt(j, x); });

    c = TestMatrix(m, n, n + 3, 7.0f);
    const auto at = TestMatrix::Random(k, m, 4, 1, m + 4);
    MatMulAt(at.view(), b.view(), accumulate, c.view());
    ExpectProduct(
        c, start, k, [&](size_t i, size_t x) { return at(x, i); },
        [&](size_t x, size_t j) { return b(x, j); });
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatMulShapes,
                         testing::Values(Shape{1, 1, 1}, Shape{5, 1, 64}, Shape{64, 3, 1},
                                         Shape{33, 17, 41}, Shape{130, 96, 70}, Shape{7, 12, 0}));

TEST(MatMul, EmptyProductsTouchNothing) {
  TestMatrix none(0, 4);
  const auto weight = TestMatrix::Random(3, 4, 1);
  TestMatrix out(0, 3);
  MatMulBt(none.view(), weight.view(), Accumulate::kNo, out.view());
}

TEST(MatMul, SameShapesGiveTheSameBits) {
  const auto a = TestMatrix::Random(200, 90, 1);
  const auto b = TestMatrix::Random(70, 90, 2);
  TestMatrix first(200, 70), second(200, 70);
  MatMulBt(a.view(), b.view(), Accumulate::kNo, first.view());
  // Other memory, another thread.
  const TestMatrix a_copy = a;
  std::thread([&] { MatMulBt(a_copy.view(), b.view(), Accumulate::kNo, second.view()); }).join();
  EXPECT_EQ(std::memcmp(first.data.data(), second.data.data(), first.data.size() * sizeof(float)),
            0);
}

size_t ThreadsOfThisProcess() {
  namespace fs = std::filesystem;
  return static_cast<size_t>(
      std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
}

TEST(ComputeThreads, AThreadComputesAloneUnlessAsked) {
  const auto a = TestMatrix::Random(512, 512, 1);
  const auto b = TestMatrix::Random(512, 512, 2);
  TestMatrix c(512, 512);
  size_t before = 0, after = 0, asked = 0;
  std::thread([&] {
    before = ThreadsOfThisProcess();
    MatMul(a.view(), b.view(), Accumulate::kNo, c.view());
    after = ThreadsOfThisProcess();
    EXPECT_EQ(ComputeThreads(), 1);
  }).join();
  EXPECT_EQ(after, before);

  std::thread([&] {
    SetComputeThreads(2);
    MatMul(a.view(), b.view(), Accumulate::kNo, c.view());
    asked = ThreadsOfThisProcess();
    EXPECT_EQ(ComputeThreads(), 2);
  }).join();
  EXPECT_EQ(asked, before + 1);
  EXPECT_EQ(ComputeThreads(), 1);  // this thread's own setting
  ExpectProduct(
      c, 0, 512, [&](size_t i, size_t x) { return a(i, x); },
      [&](size_t x, size_t j) { return b(x, j); });
}

}  // namespace
}  // namespace primacy
