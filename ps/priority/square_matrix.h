// A small dense matrix of doubles, and the linear algebra that the methods need of it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace primacy {

class SquareMatrix {
 public:
  SquareMatrix() = default;
  explicit SquareMatrix(size_t size) : size_(size), values_(size * size, 0.0) {}

  size_t size() const { return size_; }
  double& at(size_t row, size_t column) { return values_[row * size_ + column]; }
  double at(size_t row, size_t column) const { return values_[row * size_ + column]; }

 private:
  size_t size_ = 0;
  std::vector<double> values_;
};

// matrix · vector, summed in rising order.
std::vector<double> Product(const SquareMatrix& matrix, std::span<const double> vector);
double Dot(std::span<const double> a, std::span<const double> b);
double LargestOnDiagonal(const SquareMatrix& matrix);

// x of matrix · x = right, by Cholesky's factors; nothing when the matrix is not positive definite.
// REQUIRES: the matrix is symmetric.
std::optional<std::vector<double>> SolveSymmetric(const SquareMatrix& matrix,
                                                  std::span<const double> right);

}  // namespace primacy
