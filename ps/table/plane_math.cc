#include "ps/table/plane_math.h"

#include <algorithm>

#include "common/base/vectorize.h"
#include "common/protocol/plane_products.h"

namespace primacy {
namespace {

constexpr size_t kLanes = 8;

PRIMACY_VECTORIZED void AddLaneProducts(size_t groups, const float* __restrict a,
                                        const float* __restrict b, double* __restrict lanes) {
  double sums[kLanes] = {};
  for (size_t g = 0; g < groups; ++g) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      sums[lane] += static_cast<double>(a[g * kLanes + lane]) * b[g * kLanes + lane];
    }
  }
  for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] = sums[lane];
}

PRIMACY_VECTORIZED void WeighLoop(size_t size, size_t stride, size_t planes,
                                  const double* __restrict weights, const float* __restrict in,
                                  double* __restrict sums, float* __restrict out) {
  for (size_t i = 0; i < size; ++i) sums[i] = weights[0] * in[i];
  for (size_t p = 1; p < planes; ++p) {
    for (size_t i = 0; i < size; ++i) sums[i] += weights[p] * in[p * stride + i];
  }
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<float>(sums[i]);
}

// Elements that are weighed at a time: their sums stay in the nearest cache.
constexpr size_t kSums = 512;

}  // namespace

double DotProduct(std::span<const float> a, const float* b) {
  double lanes[kLanes];
  const size_t groups = a.size() / kLanes;
  AddLaneProducts(groups, a.data(), b, lanes);
  for (size_t i = groups * kLanes; i < a.size(); ++i) {
    lanes[i - groups * kLanes] += static_cast<double>(a[i]) * b[i];
  }
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

void AddProducts(size_t planes, size_t dim, const float* row, double* numbers) {
  for (size_t i = 0; i < planes; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      numbers[ProductAt(i, j)] += DotProduct({row + i * dim, dim}, row + j * dim);
    }
  }
}

void WeighPlanes(size_t size, size_t stride, std::span<const double> weights, const float* in,
                 float* out) {
  double sums[kSums];
  for (size_t begin = 0; begin < size; begin += kSums) {
    WeighLoop(std::min(kSums, size - begin), stride, weights.size(), weights.data(), in + begin,
              sums, out + begin);
  }
}

void PlaceRows(size_t rows, size_t dim, size_t planes, size_t plane, const float* in, float* out) {
  out += plane * dim;
  for (size_t r = 0; r < rows; ++r) std::copy_n(in + r * dim, dim, out + r * planes * dim);
}

}  // namespace primacy
