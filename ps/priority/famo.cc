#include "ps/priority/famo.h"

#include <glog/logging.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "ps/priority/softmax_weights.h"

namespace primacy {
namespace {

// A loss of 0 has no logarithm.
constexpr double kLossMin = 1e-8;

class Famo final : public LossWeighing {
 public:
  Famo(int tasks, double rate, double decay, WeighingState saved)
      : tasks_(static_cast<size_t>(tasks)), rate_(rate), decay_(decay), state_(std::move(saved)) {
    if (state_.values.empty()) state_.values.assign(2 * tasks_, 0.0);
    CHECK_EQ(state_.values.size(), 2 * tasks_);
  }

  std::vector<double> Weights() const override {
    std::vector<double> weights = SoftmaxWeights(logits(), 1);
    double sum = 0;
    for (size_t t = 0; t < tasks_; ++t) {
      if (loss(t) > 0) weights[t] /= loss(t);
      sum += weights[t];
    }
    for (double& weight : weights) weight /= sum;
    return weights;
  }

  void Observe(std::span<const double> losses, const std::vector<bool>& has_loss) override {
    ++state_.updates;
    std::vector<size_t> known;  // tasks with a loss before and after
    std::vector<double> logits, fall;
    for (size_t t = 0; t < tasks_; ++t) {
      if (!has_loss[t]) continue;
      const double after = std::max(kLossMin, losses[t]);
      if (loss(t) > 0) {
        known.push_back(t);
        logits.push_back(state_.values[t]);
        fall.push_back(std::log(loss(t)) - std::log(after));
      }
      state_.values[tasks_ + t] = after;
    }
    const std::vector<double> z = SoftmaxWeights(logits, 1);
    double fall_mean = 0;
    for (size_t i = 0; i < known.size(); ++i) fall_mean += z[i] * fall[i];
    for (size_t i = 0; i < known.size(); ++i) {
      double& v = state_.values[known[i]];
      v -= rate_ * (z[i] * (fall[i] - fall_mean) + decay_ * v);
    }
  }

  WeighingState Saved() const override { return state_; }

 private:
  std::span<const double> logits() const { return std::span(state_.values).first(tasks_); }
  double loss(size_t task) const { return state_.values[tasks_ + task]; }

  const size_t tasks_;
  const double rate_;
  const double decay_;
  WeighingState state_;
};

}  // namespace

std::unique_ptr<LossWeighing> MakeFamo(int tasks, double rate, double decay, WeighingState saved) {
  return std::make_unique<Famo>(tasks, rate, decay, std::move(saved));
}

}  // namespace primacy
