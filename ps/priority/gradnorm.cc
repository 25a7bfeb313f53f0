#include "ps/priority/gradnorm.h"

#include <glog/logging.h>

#include <cmath>
#include <utility>

#include "ps/priority/softmax_weights.h"

namespace primacy {
namespace {

class Gradnorm final : public GramWeighing {
 public:
  Gradnorm(int tasks, double alpha, double rate, std::vector<double> saved)
      : tasks_(static_cast<size_t>(tasks)), alpha_(alpha), rate_(rate), state_(std::move(saved)) {
    if (state_.empty()) state_.assign(2 * tasks_, 0.0);
    CHECK_EQ(state_.size(), 2 * tasks_);
  }

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const size_t n = problem.tasks.size();
    const double count = static_cast<double>(n);
    std::vector<double> logits, relative;
    double relative_mean = 0;
    for (size_t i = 0; i < n; ++i) {
      const size_t task = static_cast<size_t>(problem.tasks[i]);
      double& first = state_[tasks_ + task];
      if (first == 0) first = problem.losses[i];
      logits.push_back(state_[task]);
      relative.push_back(first > 0 ? problem.losses[i] / first : 1);
      relative_mean += relative.back() / count;
    }
    std::vector<double> weights = SoftmaxWeights(logits, count);
    std::vector<double> norm(n);
    double norm_mean = 0;  // of the weighed gradients
    for (size_t i = 0; i < n; ++i) {
      norm[i] = std::sqrt(problem.gram.at(i, i));
      norm_mean += weights[i] * norm[i] / count;
    }
    // d/dw_i of the objective is ± ‖g_i‖ / m; through the softmax, w_j (d_j − Σ w_i d_i / n).
    std::vector<double> slope(n);
    double slope_mean = 0;
    for (size_t i = 0; i < n; ++i) {
      const double rate = relative_mean > 0 ? relative[i] / relative_mean : 1;
      const double excess = weights[i] * norm[i] - norm_mean * std::pow(rate, alpha_);
      slope[i] = (excess > 0 ? 1 : excess < 0 ? -1 : 0) * norm[i] / norm_mean;
      slope_mean += weights[i] * slope[i] / count;
    }
    for (size_t i = 0; i < n; ++i) {
      state_[static_cast<size_t>(problem.tasks[i])] -= rate_ * weights[i] * (slope[i] - slope_mean);
    }
    return weights;
  }

  std::vector<double> Saved() const override { return state_; }

 private:
  const size_t tasks_;
  const double alpha_;
  const double rate_;
  std::vector<double> state_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakeGradnorm(int tasks, double alpha, double rate,
                                           std::vector<double> saved) {
  return std::make_unique<Gradnorm>(tasks, alpha, rate, std::move(saved));
}

}  // namespace primacy
