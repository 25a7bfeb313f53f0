#include "ps/priority/cagrad.h"

#include <algorithm>
#include <cmath>

namespace primacy {
namespace {

constexpr double kGap = 1e-9;
// Squared norms below this share of the largest are rounding.
constexpr double kZero = 1e-24;
constexpr int kHalvings = 60;

// slope · t + pull · √(square + 2 · cross · t + curve · t²): the dual along a line.
struct Line {
  double slope, pull, square, cross, curve;

  double Derivative(double t) const {
    const double norm2 = square + t * (2 * cross + curve * t);
    return norm2 > 0 ? slope + pull * (cross + curve * t) / std::sqrt(norm2) : slope;
  }
  // The smallest value in [0, end]; the line is convex and falls at 0.
  double Argmin(double end) const {
    if (Derivative(end) <= 0) return end;
    double low = 0, high = end;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = low + (high - low) / 2;
      (Derivative(middle) <= 0 ? low : high) = middle;
    }
    return low + (high - low) / 2;
  }
};

class Cagrad final : public GramWeighing {
 public:
  explicit Cagrad(double c) : c_(c) {}

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const SquareMatrix& gram = problem.gram;
    const size_t n = gram.size();
    const double share = 1.0 / static_cast<double>(n);
    const double largest = LargestOnDiagonal(gram);
    const std::vector<double> mean_slope = Product(gram, std::vector<double>(n, share));
    double mean2 = 0;  // ‖g_0‖²
    for (const double slope : mean_slope) mean2 += share * slope;

    std::vector<double> mean(n, share / (1 + c_ * c_));
    if (mean2 <= kZero * largest) return mean;
    const double pull = c_ * std::sqrt(mean2);
    const std::optional<std::vector<double>> dual = SolveDual(gram, mean_slope, mean2, pull);
    if (!dual.has_value()) return std::nullopt;
    const double norm2 = Dot(*dual, Product(gram, *dual));
    if (norm2 <= kZero * largest) return mean;
    for (size_t i = 0; i < n; ++i) {
      mean[i] += pull * (*dual)[i] / std::sqrt(norm2) / (1 + c_ * c_);
    }
    return mean;
  }

 private:
  static std::optional<std::vector<double>> SolveDual(const SquareMatrix& gram,
                                                      const std::vector<double>& mean_slope,
                                                      double mean2, double pull) {
    const size_t n = gram.size();
    const double largest = LargestOnDiagonal(gram);
    const double gap_max = kGap * std::sqrt(mean2 * largest);
    const size_t steps_max = 1000 + 100 * n * n;
    std::vector<double> weights(n, 1.0 / static_cast<double>(n));
    for (size_t step = 0; step < steps_max; ++step) {
      const std::vector<double> inner = Product(gram, weights);  // ⟨g_i, g_w⟩
      const double norm2 = Dot(weights, inner);
      if (norm2 <= kZero * largest) return weights;
      const auto slope = [&](size_t i) {
        return mean_slope[i] + pull * inner[i] / std::sqrt(norm2);
      };
      size_t to = 0, from = n;
      double value = 0;
      for (size_t i = 0; i < n; ++i) {
        if (slope(i) < slope(to)) to = i;
        if (weights[i] > 0 && (from == n || slope(i) > slope(from))) from = i;
        value += weights[i] * slope(i);
      }
      if (value - slope(to) <= gap_max) return weights;
      const Line line{mean_slope[to] - mean_slope[from], pull, norm2, inner[to] - inner[from],
                      gram.at(to, to) + gram.at(from, from) - 2 * gram.at(to, from)};
      const double move = line.Argmin(weights[from]);
      weights[to] += move;
      weights[from] = move == weights[from] ? 0 : weights[from] - move;
    }
    return std::nullopt;
  }

  const double c_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakeCagrad(double c) { return std::make_unique<Cagrad>(c); }

}  // namespace primacy
