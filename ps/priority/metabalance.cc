#include "ps/priority/metabalance.h"

#include <glog/logging.h>

#include <cmath>
#include <utility>

namespace primacy {
namespace {

constexpr int kTarget = 0;

class Metabalance final : public GramWeighing {
 public:
  Metabalance(int tasks, double r, double beta, std::vector<double> saved)
      : r_(r), beta_(beta), norm_(std::move(saved)) {
    if (norm_.empty()) norm_.assign(static_cast<size_t>(tasks), 0.0);
    CHECK_EQ(norm_.size(), static_cast<size_t>(tasks));
  }

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    for (size_t i = 0; i < problem.tasks.size(); ++i) {
      double& norm = norm_[problem.tasks[i]];
      norm = beta_ * norm + (1 - beta_) * std::sqrt(problem.gram.at(i, i));
    }
    std::vector<double> weights;
    for (const int task : problem.tasks) {
      const bool scaled = task != kTarget && norm_[kTarget] > 0;
      weights.push_back(scaled ? r_ * norm_[kTarget] / norm_[task] + (1 - r_) : 1.0);
    }
    return weights;
  }

  std::vector<double> Saved() const override { return norm_; }

 private:
  const double r_;
  const double beta_;
  std::vector<double> norm_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakeMetabalance(int tasks, double r, double beta,
                                              std::vector<double> saved) {
  return std::make_unique<Metabalance>(tasks, r, beta, std::move(saved));
}

}  // namespace primacy
