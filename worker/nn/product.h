// The only place that knows oneDNN: one matrix product as it is described to the library, and the
// primitives made for those this thread has computed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "worker/nn/matrix.h"

namespace primacy {

class PackedOperand;

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
  const PackedOperand* packed_b = nullptr;  // of `b`, or none
};

// True where the processor multiplies bfloat16 itself, and the library may use it (its own
// environment variable DNNL_MAX_CPU_ISA can forbid it).
bool HasBf16Products();

// Computes on `threads` threads of GNU OpenMP. REQUIRES: floats only, or HasBf16Products().
void Compute(const Product& product, int threads);

// A copy of b in the layout that the library multiplies fastest, for several products with one b:
// each of them would copy it otherwise. Memory and what makes the copy are kept from one to the
// next. Not thread safe.
class PackedOperand {
 public:
  PackedOperand();
  ~PackedOperand();
  PackedOperand(PackedOperand&&) noexcept;
  PackedOperand& operator=(PackedOperand&&) noexcept;

  // The layout is that of `like`; a product of another shape that wants another one takes b as it
  // is. REQUIRES: floats only, or HasBf16Products().
  void Pack(const Product& like);

 private:
  friend class Primitive;
  struct Copy;
  std::unique_ptr<Copy> copy_;
};

}  // namespace primacy
