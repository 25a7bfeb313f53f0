#include "worker/nn/matmul.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/worker/nn/test_matrix.h"
#include "worker/nn/bfloat16.h"
#include "worker/nn/product.h"

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

TEST_P(MatMulShapes, BothAgreeWithDouble) {
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
    const auto at = TestMatrix::Random(k, m, 4, 1, m + 4);
    MatMulAt(at.view(), b.view(), accumulate, c.view());
    ExpectProduct(
        c, start, k, [&](size_t i, size_t x) { return at(x, i); },
        [&](size_t x, size_t j) { return b(x, j); });
  }
}

TEST_P(MatMulShapes, AddsABias) {
  const auto [m, n, k] = GetParam();
  const auto a = TestMatrix::Random(m, k, 1, 1, k + 5);
  const auto b = TestMatrix::Random(n, k, 2, 1, k + 1);
  const auto bias = TestMatrix::Random(1, n, 3);
  TestMatrix c(m, n, n + 3, 7.0f);
  MatMulBtBias(a.view(), b.view(), bias.data.data(), c.view());
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = 0; i < m; ++i) c(i, j) -= bias(0, j);
  }
  ExpectProduct(
      c, 0, k, [&](size_t i, size_t x) { return a(i, x); },
      [&](size_t x, size_t j) { return b(j, x); });
}

// A matrix of BF16, and the floats that it holds.
struct RoundedMatrix {
  static RoundedMatrix Random(size_t rows, size_t cols, uint64_t seed, size_t stride) {
    RoundedMatrix result{TestMatrix::Random(rows, cols, seed, 1, stride), {}};
    result.bits.resize(rows * stride);
    ToBf16(result.floats.data.data(), result.bits.data(), result.bits.size());
    FromBf16(result.bits.data(), result.floats.data.data(), result.bits.size());
    return result;
  }
  Operand view() { return {bits.data(), floats.rows, floats.cols, floats.stride, Element::kBf16}; }
  float operator()(size_t i, size_t j) const { return floats(i, j); }
  TestMatrix floats;
  std::vector<uint16_t> bits;
};

// Products of BF16 are exact in float, so that the errors are those of float sums. Run once more by
// ctest with the processor's instructions for BF16 forbidden.
TEST_P(MatMulShapes, Bf16AgreesWithDouble) {
  const auto [m, n, k] = GetParam();
  auto a = RoundedMatrix::Random(m, k, 1, k + 5), at = RoundedMatrix::Random(k, m, 2, m + 4);
  auto b = RoundedMatrix::Random(k, n, 3, n + 1), bt = RoundedMatrix::Random(n, k, 4, k + 2);
  const auto first = [&](size_t i, size_t x) { return a(i, x); };
  const std::vector<float> no_bias(n);
  TestMatrix of_transposed(m, n, n + 3, 7.0f);
  MatMulBtBias(a.view(), bt.view(), no_bias.data(), of_transposed.view());
  ExpectProduct(of_transposed, 0, k, first, [&](size_t x, size_t j) { return bt(j, x); });
  for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
    const double start = accumulate == Accumulate::kYes ? 7.0 : 0.0;
    TestMatrix c(m, n, n + 3, 7.0f);
    MatMul(a.view(), b.view(), accumulate, c.view());
    ExpectProduct(c, start, k, first, [&](size_t x, size_t j) { return b(x, j); });
    c = TestMatrix(m, n, n + 3, 7.0f);
    MatMulAt(at.view(), b.view(), accumulate, c.view());
    ExpectProduct(
        c, start, k, [&](size_t i, size_t x) { return at(x, i); },
        [&](size_t x, size_t j) { return b(x, j); });
  }
}

// A result in BF16 is the float with the bias, rounded once: a neighbour where another order of the
// sum moves it across a middle.
TEST_P(MatMulShapes, Bf16ResultsAreRoundedOnce) {
  const auto [m, n, k] = GetParam();
  auto a = RoundedMatrix::Random(m, k, 1, k + 5), bt = RoundedMatrix::Random(n, k, 2, k + 2);
  const auto bias = TestMatrix::Random(1, n, 3);
  std::vector<uint16_t> c(m * (n + 3), 7);
  MatMulBtBias(a.view(), bt.view(), bias.data.data(), {c.data(), m, n, n + 3, Element::kBf16});
  for (size_t i = 0; i < m; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const double sum = bias(0, j) + DotOf(
                                          k, [&](size_t x) { return a(i, x); },
                                          [&](size_t x) { return bt(j, x); });
      const double half_step = std::fabs(sum) * 0x1p-8;
      ASSERT_NEAR(FromBf16(c[i * (n + 3) + j]), sum, half_step + 2.5e-7 * (k + 4)) << i << " " << j;
    }
    for (size_t j = n; j < n + 3; ++j) ASSERT_EQ(c[i * (n + 3) + j], 7) << "wrote beside c";
  }
}

// Weights that are laid out once: for tiles of the rows that they were laid out for, and for a last
// one of fewer; and again when they change.
TEST_P(MatMulShapes, PackedWeightsAgreeWithDouble) {
  const auto [m, n, k] = GetParam();
  const auto a = TestMatrix::Random(m, k, 1, 1, k + 5);
  const TestMatrix bias(1, n);
  Weights weights, transposed;
  for (const uint64_t seed : {2, 3}) {
    const auto b = TestMatrix::Random(k, n, seed, 1, n + 1);
    const auto bt = TestMatrix::Random(n, k, seed + 2, 1, k + 1);
    weights.Pack(b.view(), Weights::Use::kMatMul, m, Element::kFp32);
    transposed.Pack(bt.view(), Weights::Use::kMatMulBt, m, Element::kFp32);
    for (const size_t rows : {m, (m + 1) / 2}) {
      for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
        TestMatrix c(rows, n, n + 3, 7.0f);
        MatMul(a.view().Rows(0, rows), weights.operand(), accumulate, c.view());
        ExpectProduct(
            c, accumulate == Accumulate::kYes ? 7 : 0, k,
            [&](size_t i, size_t x) { return a(i, x); },
            [&](size_t x, size_t j) { return b(x, j); });
      }
      TestMatrix c(rows, n, n + 3, 7.0f);
      MatMulBtBias(a.view().Rows(0, rows), transposed.operand(), bias.data.data(), c.view());
      ExpectProduct(
          c, 0, k, [&](size_t i, size_t x) { return a(i, x); },
          [&](size_t x, size_t j) { return bt(j, x); });
    }
  }
}

TEST_P(MatMulShapes, PackedBf16WeightsAgreeWithDouble) {
  const auto [m, n, k] = GetParam();
  auto a = RoundedMatrix::Random(m, k, 1, k + 5), b = RoundedMatrix::Random(k, n, 2, n + 1);
  Weights weights;
  weights.Pack(b.view(), Weights::Use::kMatMul, m, Element::kFp32);
  for (const size_t rows : {m, (m + 1) / 2}) {
    TestMatrix c(rows, n, n + 3, 7.0f);
    MatMul(a.view().Rows(0, rows), weights.operand(), Accumulate::kNo, c.view());
    ExpectProduct(
        c, 0, k, [&](size_t i, size_t x) { return a(i, x); },
        [&](size_t x, size_t j) { return b(x, j); });
  }
}

// What ctest's second run is for.
TEST(MatMul, Bf16ProductsAreForbiddenWhereAskedFor) {
  const char* const isa = std::getenv("DNNL_MAX_CPU_ISA");
  if (isa == nullptr) return;  // nothing is forbidden
  EXPECT_FALSE(HasBf16Products()) << isa;
}

INSTANTIATE_TEST_SUITE_P(Shapes, MatMulShapes,
                         testing::Values(Shape{1, 1, 1}, Shape{5, 1, 64}, Shape{64, 3, 1},
                                         Shape{33, 17, 41}, Shape{130, 96, 70}, Shape{256, 64, 32},
                                         Shape{7, 12, 0}));

TEST(MatMul, EmptyProductsTouchNothing) {
  TestMatrix none(0, 4);
  const auto weight = TestMatrix::Random(3, 4, 1);
  TestMatrix out(0, 3);
  const TestMatrix bias(1, 3);
  MatMulBtBias(none.view(), weight.view(), bias.data.data(), out.view());
}

TEST(MatMul, SameShapesGiveTheSameBits) {
  const auto a = TestMatrix::Random(200, 90, 1);
  const auto b = TestMatrix::Random(70, 90, 2);
  const auto bias = TestMatrix::Random(1, 70, 3);
  TestMatrix first(200, 70), second(200, 70);
  MatMulBtBias(a.view(), b.view(), bias.data.data(), first.view());
  // Other memory, another thread.
  const TestMatrix a_copy = a;
  std::thread([&] {
    MatMulBtBias(a_copy.view(), b.view(), bias.data.data(), second.view());
  }).join();
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
