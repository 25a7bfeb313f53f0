// The loops over rows and gradients that every pull and update runs: copy, add, check, square.
// Vectorised, with one order of summation on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace primacy {

// Row i of `out` [rows, dim] = the `dim` weights at rows[i].
void CopyRows(size_t dim, std::span<const float* const> rows, float* out);

// sum[i] += addend[i].
void AddTo(std::span<float> sum, const float* addend);

// Adds row i of `gradients` [rows, dim] to row positions[i] of `sums`, or copies it there where
// positions[i] is the next row that has none yet, counted from `filled`.
void AddRows(size_t dim, std::span<const uint32_t> positions, const float* gradients, float* sums,
             size_t filled);

// Neither infinite nor NaN.
bool AllFinite(std::span<const float> values);

// Σ value², in double: eight partial sums over the elements i mod 8, added in pairs.
double SumOfSquares(std::span<const float> values);

}  // namespace primacy
