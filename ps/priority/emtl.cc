#include "ps/priority/emtl.h"

#include <algorithm>
#include <cmath>

namespace primacy {
namespace {

class Emtl final : public GramWeighing {
 public:
  explicit Emtl(double rho) : rho_(rho) {}

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const size_t n = problem.tasks.size();
    const double count = static_cast<double>(n);
    std::vector<double> norm(n), contribution(n);
    double norm_mean = 0, contribution_mean = 0;
    for (size_t i = 0; i < n; ++i) {
      norm[i] = std::sqrt(problem.gram.at(i, i));
      contribution[i] = problem.losses[i] / norm[i];
      norm_mean += norm[i] / count;
      contribution_mean += contribution[i] / count;
    }
    std::vector<double> weights(n, 1.0);
    if (contribution_mean <= 0) return weights;  // all losses are 0
    for (size_t i = 0; i < n; ++i) {
      const double excess = contribution[i] / contribution_mean - 1;
      weights[i] = std::max(0.0, 1 + rho_ * excess * norm_mean / norm[i]);
    }
    return weights;
  }

 private:
  const double rho_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakeEmtl(double rho) { return std::make_unique<Emtl>(rho); }

}  // namespace primacy
