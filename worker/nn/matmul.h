// Matrix products on this thread.
//
// Operands are float or bfloat16. Products of bfloat16 are exact and summed in float; where the
// processor has no instructions for them they are computed from floats, with other last bits.
#pragma once

#include "worker/nn/matrix.h"
#include "worker/nn/product.h"

namespace primacy {

// Products of the calling thread run on `threads` threads, >= 1. A thread that never calls this
// computes alone: oneDNN's own default, a team of all processors for every calling thread, would
// have several compute threads fight for the cores.
void SetComputeThreads(int threads);
int ComputeThreads();

// The second operand of a product: as it is, or packed as well.
struct RightOperand {
  RightOperand(ConstOperand plain) : plain(plain) {}  // NOLINT: implicit on purpose
  RightOperand(Operand plain) : plain(plain) {}       // NOLINT: implicit on purpose
  RightOperand(Matrix plain) : plain(plain) {}        // NOLINT: implicit on purpose
  RightOperand(ConstMatrix plain) : plain(plain) {}   // NOLINT: implicit on purpose
  RightOperand(ConstOperand plain, const PackedOperand* packed) : plain(plain), packed(packed) {}

  ConstOperand plain;
  const PackedOperand* packed = nullptr;
};

// A second operand that stays the same for many products in turn, as weights do over the tiles of a
// batch: laid out once as the processor reads it fastest. Not thread safe.
class Weights {
 public:
  // For MatMul, [k, n], or MatMulBtBias, [n, k].
  enum class Use { kMatMul, kMatMulBt };

  // Of products with `rows` rows, whose results are `c`. `weights` stay where and as they are until
  // the last of them.
  void Pack(ConstOperand weights, Use use, size_t rows, Element c);
  // For a single product, which would not repay it.
  void UsePlain(ConstOperand weights);

  RightOperand operand() const { return {plain_, is_packed_ ? &packed_ : nullptr}; }

 private:
  ConstOperand plain_;
  PackedOperand packed_;
  bool is_packed_ = false;
};

// c = a · b + (accumulate ? c : 0), with a or b transposed in the names' T. a and b have the same
// elements, c the same or floats. The same bits for the same shapes, strides and number of threads
// on one machine. Sizes may be 0; a sum over nothing is 0. a and b must not overlap c. What a shape
// needs is prepared at its first product on a thread, which takes milliseconds, and kept.
enum class Accumulate { kNo, kYes };
void MatMul(ConstOperand a, RightOperand b, Accumulate accumulate, Operand c);    // [m, k] [k, n]
void MatMulAt(ConstOperand a, ConstOperand b, Accumulate accumulate, Operand c);  // [k, m] [k, n]

// c = a · bᵀ + bias in every row, bias [n]; rounded once where c is bfloat16.
void MatMulBtBias(ConstOperand a, RightOperand b, const float* bias, Operand c);

}  // namespace primacy
