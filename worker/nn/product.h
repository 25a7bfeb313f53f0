// The only place that knows oneDNN: one matrix product as it is described to the library, and the
// primitives made for those this thread has computed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "worker/nn/matrix.h"

namespace primacy {

// c [m, n] = a [m, k] · b [k, n], + bias [n], + c. All sizes > 0.
struct Product {
  size_t m = 0;
  size_t n = 0;
  size_t k = 0;
  ConstOperand a;
  ConstOperand b;
  Operand c;
  bool a_transposed = false;  // `a` holds [k, m]
  bool b_transposed = false;  // `b` holds [n, k]
  const float* bias = nullptr;
  bool accumulate = false;
};

// True where the processor multiplies bfloat16 itself, and the library may use it (its own
// environment variable DNNL_MAX_CPU_ISA can forbid it).
bool HasBf16Products();

// Computes on `threads` threads of GNU OpenMP. REQUIRES: floats only, or HasBf16Products().
void Compute(const Product& product, int threads);

}  // namespace primacy
