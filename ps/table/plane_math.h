// The loops over gradients in planes: products, weighed sums. Vectorised, with one order of
// summation on every machine.
#pragma once

#include <cstddef>
#include <span>

namespace primacy {

// ⟨a, b⟩ in double: eight partial sums over the elements i mod 8, added in pairs.
double DotProduct(std::span<const float> a, const float* b);

// numbers[ProductAt(i, j)] += ⟨plane i, plane j⟩ of one row [planes, dim], for j <= i.
void AddProducts(size_t planes, size_t dim, const float* row, double* numbers);

// out[i] = Σ_p weights[p] · in[p · stride + i] for i below `size`, in double, rounded once.
void WeighPlanes(size_t size, size_t stride, std::span<const double> weights, const float* in,
                 float* out);

// out [rows, planes, dim] from one plane [rows, dim].
void PlaceRows(size_t rows, size_t dim, size_t planes, size_t plane, const float* in, float* out);

}  // namespace primacy
