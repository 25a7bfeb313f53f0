#include "ps/priority/imtl_g.h"

#include <cmath>

namespace primacy {
namespace {

constexpr double kRidge = 1e-10;

class ImtlG final : public GramWeighing {
 public:
  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const size_t n = problem.gram.size();
    std::vector<double> norm(n);
    for (size_t i = 0; i < n; ++i) norm[i] = std::sqrt(problem.gram.at(i, i));
    SquareMatrix cosines(n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        cosines.at(i, j) = i == j ? 1 + kRidge : problem.gram.at(i, j) / (norm[i] * norm[j]);
      }
    }
    std::optional<std::vector<double>> weights =
        SolveSymmetric(cosines, std::vector<double>(n, 1.0));
    if (!weights.has_value()) return std::nullopt;
    double sum = 0;
    double size = 0;
    for (size_t i = 0; i < n; ++i) {
      (*weights)[i] /= norm[i];
      sum += (*weights)[i];
      size += std::abs((*weights)[i]);
    }
    if (sum <= kRidge * size) return std::nullopt;
    for (double& weight : *weights) weight /= sum;
    return weights;
  }
};

}  // namespace

std::unique_ptr<GramWeighing> MakeImtlG() { return std::make_unique<ImtlG>(); }

}  // namespace primacy
