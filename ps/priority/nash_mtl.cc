#include "ps/priority/nash_mtl.h"

#include <algorithm>
#include <cmath>

namespace primacy {
namespace {

constexpr int kStepsMax = 200;
constexpr double kTolerance = 1e-9;
// Newton's step is taken whole where its decrement is below this (Nesterov and Nemirovskii 1994).
constexpr double kWholeStepBelow = 0.25;

class NashMtl final : public GramWeighing {
 public:
  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const size_t n = problem.gram.size();
    double square_sum = 0;
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) square_sum += problem.gram.at(i, j) * problem.gram.at(i, j);
    }
    SquareMatrix gram(n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) gram.at(i, j) = problem.gram.at(i, j) / std::sqrt(square_sum);
    }
    std::vector<double> weights(n);
    for (size_t i = 0; i < n; ++i) weights[i] = 1 / std::sqrt(gram.at(i, i));
    for (int step = 0; step < kStepsMax; ++step) {
      const std::vector<double> inner = Product(gram, weights);
      double worst = 0;
      std::vector<double> down(n);  // minus the gradient
      SquareMatrix hessian = gram;
      for (size_t i = 0; i < n; ++i) {
        worst = std::max(worst, std::abs(weights[i] * inner[i] - 1));
        down[i] = 1 / weights[i] - inner[i];
        hessian.at(i, i) += 1 / (weights[i] * weights[i]);
      }
      if (worst <= kTolerance) return weights;
      const std::optional<std::vector<double>> move = SolveSymmetric(hessian, down);
      if (!move.has_value()) return std::nullopt;
      const double decrement = std::sqrt(std::max(0.0, Dot(down, *move)));
      const double length = decrement < kWholeStepBelow ? 1 : 1 / (1 + decrement);
      for (size_t i = 0; i < n; ++i) weights[i] += length * (*move)[i];
    }
    return std::nullopt;
  }
};

}  // namespace

std::unique_ptr<GramWeighing> MakeNashMtl() { return std::make_unique<NashMtl>(); }

}  // namespace primacy
