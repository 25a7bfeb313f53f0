// Matrices that own their elements, and a plain product in double, for the tests of layers.
#pragma once

#include <functional>
#include <vector>

#include "common/base/hash.h"
#include "worker/nn/matrix.h"

namespace primacy::testing_support {

struct TestMatrix {
  TestMatrix(size_t rows, size_t cols, size_t stride = 0, float value = 0)
      : rows(rows),
        cols(cols),
        stride(stride == 0 ? cols : stride),
        data(rows * this->stride, value) {}

  // Uniform in ±scale.
  static TestMatrix Random(size_t rows, size_t cols, uint64_t seed, double scale = 1,
                           size_t stride = 0) {
    TestMatrix result(rows, cols, stride);
    for (size_t i = 0; i < result.data.size(); ++i) {
      result.data[i] = static_cast<float>(scale * (2 * RandomUniform(seed, i) - 1));
    }
    return result;
  }

  float& operator()(size_t i, size_t j) { return data[i * stride + j]; }
  float operator()(size_t i, size_t j) const { return data[i * stride + j]; }
  Matrix view() { return {data.data(), rows, cols, stride}; }
  ConstMatrix view() const { return {data.data(), rows, cols, stride}; }

  size_t rows, cols, stride;
  std::vector<float> data;
};

// Σ_k a(i, k) · b(k, j).
inline double DotOf(size_t k, const std::function<double(size_t)>& a,
                    const std::function<double(size_t)>& b) {
  double sum = 0;
  for (size_t i = 0; i < k; ++i) sum += a(i) * b(i);
  return sum;
}

// (f(x + h) - f(x - h)) / 2h for the float x, with the step that the floats really took.
inline double CentralDifference(float& x, float h, const std::function<double()>& f) {
  const float at = x;
  x = at + h;
  const double high_x = x;
  const double high = f();
  x = at - h;
  const double low_x = x;
  const double low = f();
  x = at;
  return (high - low) / (high_x - low_x);
}

}  // namespace primacy::testing_support
