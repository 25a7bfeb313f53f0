// Views of row-major matrices, and the memory behind them.
#pragma once

#include <glog/logging.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/base/huge_pages.h"

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
  ConstMatrix Rows(size_t begin, size_t count) const { return {row(begin), count, cols, stride}; }
};

struct Matrix {
  float* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;

  float* row(size_t i) const { return data + i * stride; }
  Matrix Columns(size_t begin, size_t count) const { return {data + begin, rows, count, stride}; }
  Matrix Rows(size_t begin, size_t count) const { return {row(begin), count, cols, stride}; }
  operator ConstMatrix() const {
    return {data, rows, cols, stride};
  }  // NOLINT: implicit on purpose
};

// What the elements of an operand of a product are: floats, or bfloat16, the upper halves of
// floats, held as uint16_t (bfloat16.h rounds to them).
enum class Element : uint8_t { kFp32, kBf16 };
constexpr size_t BytesOf(Element element) { return element == Element::kBf16 ? 2 : 4; }

// A matrix of either. Stride and columns count elements.
struct ConstOperand {
  const void* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;
  Element element = Element::kFp32;

  ConstOperand() = default;
  ConstOperand(const void* data, size_t rows, size_t cols, size_t stride, Element element)
      : data(data), rows(rows), cols(cols), stride(stride), element(element) {}
  ConstOperand(ConstMatrix m)  // NOLINT: implicit on purpose
      : ConstOperand(m.data, m.rows, m.cols, m.stride, Element::kFp32) {}
  ConstOperand(Matrix m) : ConstOperand(ConstMatrix(m)) {}  // NOLINT: implicit on purpose

  ConstOperand Columns(size_t begin, size_t count) const {
    return {static_cast<const char*>(data) + begin * BytesOf(element), rows, count, stride,
            element};
  }
  ConstOperand Rows(size_t begin, size_t count) const {
    return {static_cast<const char*>(data) + begin * stride * BytesOf(element), count, cols, stride,
            element};
  }
  // REQUIRES: kFp32.
  ConstMatrix floats() const {
    DCHECK(element == Element::kFp32);
    return {static_cast<const float*>(data), rows, cols, stride};
  }
};

struct Operand {
  void* data = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  size_t stride = 0;
  Element element = Element::kFp32;

  Operand() = default;
  Operand(void* data, size_t rows, size_t cols, size_t stride, Element element)
      : data(data), rows(rows), cols(cols), stride(stride), element(element) {}
  Operand(Matrix m)  // NOLINT: implicit on purpose
      : Operand(m.data, m.rows, m.cols, m.stride, Element::kFp32) {}

  Operand Columns(size_t begin, size_t count) const {
    return {static_cast<char*>(data) + begin * BytesOf(element), rows, count, stride, element};
  }
  Operand Rows(size_t begin, size_t count) const {
    return {static_cast<char*>(data) + begin * stride * BytesOf(element), count, cols, stride,
            element};
  }
  // REQUIRES: kFp32.
  Matrix floats() const {
    DCHECK(element == Element::kFp32);
    return {static_cast<float*>(data), rows, cols, stride};
  }
  operator ConstOperand() const {
    return {data, rows, cols, stride, element};
  }  // NOLINT: implicit on purpose
};

// Memory for matrices that is allocated once and reused between steps: it grows and never shrinks.
// 64-byte aligned, and on huge pages where it is large.
class MatrixBuffer {
 public:
  // [rows, cols] without gaps. Contents are undefined; views given before are invalid.
  Operand Resize(size_t rows, size_t cols, Element element) {
    const size_t bytes = rows * cols * BytesOf(element);
    if (bytes > capacity_) {
      data_.reset(static_cast<char*>(AllocateLarge(bytes)));
      capacity_ = bytes;
    }
    return {data_.get(), rows, cols, cols, element};
  }
  Matrix Resize(size_t rows, size_t cols) { return Resize(rows, cols, Element::kFp32).floats(); }

 private:
  struct Free {
    void operator()(char* data) const { FreeLarge(data); }
  };
  std::unique_ptr<char[], Free> data_;
  size_t capacity_ = 0;
};

// Where a gradient goes that several consumers contribute to: the first one overwrites, later ones
// add.
struct GradientTarget {
  Matrix matrix;
  bool written = false;
};

}  // namespace primacy
