#include "worker/nn/matmul.h"

#include <oneapi/dnnl/dnnl.h>

#include <algorithm>

// Of GNU OpenMP, which libdnnl is linked with. Declared here so that no compiler flag is needed,
// and no <omp.h>, which with clang would belong to another runtime.
extern "C" void omp_set_num_threads(int);

namespace primacy {
namespace {

thread_local int compute_threads = 0;  // 0: not set on this thread yet

void Sgemm(char trans_a, char trans_b, size_t m, size_t n, size_t k, ConstMatrix a, ConstMatrix b,
           Accumulate accumulate, Matrix c) {
  DCHECK_EQ(c.rows, m);
  DCHECK_EQ(c.cols, n);
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (accumulate == Accumulate::kYes) return;
    for (size_t i = 0; i < m; ++i) std::fill_n(c.row(i), n, 0.0f);
    return;
  }
  if (compute_threads == 0) SetComputeThreads(1);
  const float beta = accumulate == Accumulate::kYes ? 1.0f : 0.0f;
  const dnnl_status_t status = dnnl_sgemm(
      trans_a, trans_b, static_cast<dnnl_dim_t>(m), static_cast<dnnl_dim_t>(n),
      static_cast<dnnl_dim_t>(k), 1.0f, a.data, static_cast<dnnl_dim_t>(a.stride), b.data,
      static_cast<dnnl_dim_t>(b.stride), beta, c.data, static_cast<dnnl_dim_t>(c.stride));
  CHECK_EQ(status, dnnl_success) << "dnnl_sgemm " << trans_a << trans_b << " " << m << "x" << n
                                 << "x" << k;
}

}  // namespace

void SetComputeThreads(int threads) {
  CHECK_GE(threads, 1);
  omp_set_num_threads(threads);
  compute_threads = threads;
}

int ComputeThreads() { return std::max(compute_threads, 1); }

void MatMul(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c) {
  DCHECK_EQ(a.cols, b.rows);
  Sgemm('N', 'N', a.rows, b.cols, a.cols, a, b, accumulate, c);
}

void MatMulBt(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c) {
  DCHECK_EQ(a.cols, b.cols);
  Sgemm('N', 'T', a.rows, b.rows, a.cols, a, b, accumulate, c);
}

void MatMulAt(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c) {
  DCHECK_EQ(a.rows, b.rows);
  Sgemm('T', 'N', a.cols, b.cols, a.rows, a, b, accumulate, c);
}

}  // namespace primacy
