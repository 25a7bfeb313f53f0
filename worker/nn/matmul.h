// Matrix products on this thread: the only place that knows oneDNN and its OpenMP threads.
#pragma once

#include "worker/nn/matrix.h"

namespace primacy {

// Products of the calling thread run on `threads` threads, >= 1. A thread that never calls this
// computes alone: oneDNN's own default, a team of all processors for every calling thread, would
// have several compute threads fight for the cores.
void SetComputeThreads(int threads);
int ComputeThreads();

// c = a · b + (accumulate ? c : 0), with a or b transposed in the names' T. The same bits for the
// same shapes, strides and number of threads on one machine. Sizes may be 0; a sum over nothing is
// 0. a and b must not overlap c.
enum class Accumulate { kNo, kYes };
void MatMul(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c);    // [m, k] [k, n]
void MatMulBt(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c);  // [m, k] [n, k]
void MatMulAt(ConstMatrix a, ConstMatrix b, Accumulate accumulate, Matrix c);  // [k, m] [k, n]

}  // namespace primacy
