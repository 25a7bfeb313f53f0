// Views of row-major float matrices, and the memory behind them.
#pragma once

#include <glog/logging.h>

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace primacy {

// Element (i, j) is data[i * stride + j]. Owns nothing.
struct ConstMatrix {
  const float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  const float* row(size_t i) const { return data + i * stride; }
  ConstMatrix Columns(size_t begin, size_t count) const {
    return {data + begin, rows, count, stride};
  }
};

struct Matrix {
  float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  float* row(size_t i) const { return data + i * stride; }
  Matrix Columns(size_t begin, size_t count) const { return {data + begin, rows, count, stride}; }
  operator ConstMatrix() const {
    return {data, rows, cols, stride};
  }  // NOLINT: implicit on purpose
};

// Memory for matrices that is allocated once and reused between steps: it grows and never shrinks.
// 64-byte aligned.
class FloatBuffer {
 public:
  // [rows, cols] without gaps. Contents are undefined; views given before are invalid.
  Matrix Resize(size_t rows, size_t cols) {
    const size_t size = rows * cols;
    if (size > capacity_) {
      data_.reset(
          static_cast<float*>(std::aligned_alloc(64, (size * sizeof(float) + 63) / 64 * 64)));
      CHECK(data_ != nullptr) << "out of memory: " << size << " floats";
      capacity_ = size;
    }
    return {data_.get(), rows, cols, cols};
  }

 private:
  struct Free {
    void operator()(float* data) const { std::free(data); }
  };
  std::unique_ptr<float[], Free> data_;
  size_t capacity_ = 0;
};

// Where a gradient goes that several consumers contribute to: the first one overwrites, later ones
// add.
struct GradientTarget {
  Matrix matrix;
  bool written = false;
};

}  // namespace primacy
