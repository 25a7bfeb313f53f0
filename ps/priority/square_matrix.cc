#include "ps/priority/square_matrix.h"

#include <algorithm>
#include <cmath>

namespace primacy {

double Dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<double> Product(const SquareMatrix& matrix, std::span<const double> vector) {
  std::vector<double> product(matrix.size(), 0.0);
  for (size_t i = 0; i < matrix.size(); ++i) {
    for (size_t j = 0; j < matrix.size(); ++j) product[i] += matrix.at(i, j) * vector[j];
  }
  return product;
}

double LargestOnDiagonal(const SquareMatrix& matrix) {
  double largest = 0;
  for (size_t i = 0; i < matrix.size(); ++i) largest = std::max(largest, matrix.at(i, i));
  return largest;
}

std::optional<std::vector<double>> SolveSymmetric(const SquareMatrix& matrix,
                                                  std::span<const double> right) {
  const size_t n = matrix.size();
  SquareMatrix lower(n);
  for (size_t j = 0; j < n; ++j) {
    for (size_t i = j; i < n; ++i) {
      double rest = matrix.at(i, j);
      for (size_t k = 0; k < j; ++k) rest -= lower.at(i, k) * lower.at(j, k);
      if (i > j) {
        lower.at(i, j) = rest / lower.at(j, j);
      } else if (rest > 0) {
        lower.at(j, j) = std::sqrt(rest);
      } else {
        return std::nullopt;
      }
    }
  }
  std::vector<double> x(right.begin(), right.end());
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) x[i] -= lower.at(i, k) * x[k];
    x[i] /= lower.at(i, i);
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) x[i] -= lower.at(k, i) * x[k];
    x[i] /= lower.at(i, i);
  }
  return x;
}

}  // namespace primacy
