#include "worker/nn/matmul.h"

#include <algorithm>

#include "common/base/vectorize.h"
#include "worker/nn/bfloat16.h"
#include "worker/nn/product.h"

// Of GNU OpenMP, which libdnnl is linked with. Declared here so that no compiler flag is needed,
// and no <omp.h>, which with clang would belong to another runtime.
extern "C" void omp_set_num_threads(int);

namespace primacy {
namespace {

thread_local int compute_threads = 0;  // 0: not set on this thread yet

// c without its product: the bias in every row, or 0.
void ComputeEmptySum(const Product& p) {
  if (p.accumulate) return;
  thread_local MatrixBuffer buffer;
  const Matrix row = buffer.Resize(1, p.n);
  std::fill_n(row.data, p.n, 0.0f);
  if (p.bias != nullptr) std::copy_n(p.bias, p.n, row.data);
  for (size_t i = 0; i < p.m; ++i) {
    char* const to = static_cast<char*>(p.c.data) + i * p.c.stride * BytesOf(p.c.element);
    Convert(row, {to, 1, p.n, p.n, p.c.element});
  }
}

// For processors without bfloat16: the same products, of floats of the same values.
void ComputeBf16FromFloats(Product p) {
  thread_local MatrixBuffer a_buffer, b_buffer, c_buffer;
  const auto widen = [](ConstOperand from, MatrixBuffer& buffer) {
    const Matrix to = buffer.Resize(from.rows, from.cols);
    Convert(from, to);
    return to;
  };
  p.packed_b = nullptr;
  p.a = widen(p.a, a_buffer);
  p.b = widen(p.b, b_buffer);
  const Operand c = p.c;
  if (c.element == Element::kBf16) p.c = widen(c, c_buffer);
  Compute(p, compute_threads);
  if (c.element == Element::kBf16) Convert(p.c, c);
}

PRIMACY_VECTORIZED void OuterProductRows(const float* a, size_t a_stride, const float* __restrict b,
                                         size_t rows, size_t cols, float* __restrict c,
                                         size_t c_stride) {
  for (size_t i = 0; i < rows; ++i, a += a_stride, c += c_stride) {
    const float factor = *a;
    for (size_t j = 0; j < cols; ++j) c[j] = factor * b[j];
  }
}

// A product of a column and a row. The library takes several times as long as writing c does.
void ComputeOuterProduct(const Product& p) {
  thread_local MatrixBuffer a_buffer, b_buffer;
  const auto floats = [](ConstOperand from, MatrixBuffer& buffer) -> ConstMatrix {
    if (from.element == Element::kFp32) return from.floats();
    const Matrix to = buffer.Resize(from.rows, from.cols);
    Convert(from, to);
    return to;
  };
  const ConstMatrix a = floats(p.a, a_buffer);
  const ConstMatrix b = floats(p.b, b_buffer);
  const Matrix c = p.c.floats();
  CHECK(a.data != nullptr && b.data != nullptr);
  OuterProductRows(a.data, a.stride, b.data, p.m, p.n, c.data, c.stride);
}

bool IsOuterProduct(const Product& p) {
  return p.k == 1 && !p.a_transposed && !p.b_transposed && !p.accumulate && p.bias == nullptr &&
         p.c.element == Element::kFp32;
}

void Run(Product p) {
  DCHECK(p.a.element == p.b.element);
  if (p.m == 0 || p.n == 0) return;
  if (p.k == 0) return ComputeEmptySum(p);
  if (IsOuterProduct(p)) return ComputeOuterProduct(p);
  if (compute_threads == 0) SetComputeThreads(1);
  if (p.a.element == Element::kBf16 && !HasBf16Products()) return ComputeBf16FromFloats(p);
  Compute(p, compute_threads);
}

}  // namespace

void SetComputeThreads(int threads) {
  CHECK_GE(threads, 1);
  omp_set_num_threads(threads);
  compute_threads = threads;
}

int ComputeThreads() { return std::max(compute_threads, 1); }

void Weights::UsePlain(ConstOperand weights) {
  plain_ = weights;
  is_packed_ = false;
}

void Weights::Pack(ConstOperand weights, Use use, size_t rows, Element c) {
  UsePlain(weights);
  if (weights.element == Element::kBf16 && !HasBf16Products()) return;
  const bool transposed = use == Use::kMatMulBt;
  const size_t n = transposed ? weights.rows : weights.cols;
  const size_t k = transposed ? weights.cols : weights.rows;
  if (rows == 0 || n == 0 || k == 0) return;
  packed_.Pack({.m = rows,
                .n = n,
                .k = k,
                .a = {nullptr, rows, k, k, weights.element},
                .b = weights,
                .c = {nullptr, rows, n, n, c},
                .b_transposed = transposed});
  is_packed_ = true;
}

void MatMul(ConstOperand a, RightOperand b, Accumulate accumulate, Operand c) {
  DCHECK(a.rows == c.rows && b.plain.cols == c.cols && a.cols == b.plain.rows);
  Run({.m = c.rows,
       .n = c.cols,
       .k = a.cols,
       .a = a,
       .b = b.plain,
       .c = c,
       .accumulate = accumulate == Accumulate::kYes,
       .packed_b = b.packed});
}

void MatMulAt(ConstOperand a, ConstOperand b, Accumulate accumulate, Operand c) {
  DCHECK(a.cols == c.rows && b.cols == c.cols && a.rows == b.rows);
  Run({.m = c.rows,
       .n = c.cols,
       .k = a.rows,
       .a = a,
       .b = b,
       .c = c,
       .a_transposed = true,
       .accumulate = accumulate == Accumulate::kYes});
}

void MatMulBtBias(ConstOperand a, RightOperand b, const float* bias, Operand c) {
  DCHECK(a.rows == c.rows && b.plain.rows == c.cols && a.cols == b.plain.cols);
  Run({.m = c.rows,
       .n = c.cols,
       .k = a.cols,
       .a = a,
       .b = b.plain,
       .c = c,
       .b_transposed = true,
       .bias = bias,
       .packed_b = b.packed});
}

}  // namespace primacy
