#include "ps/priority/uncertainty.h"

#include <glog/logging.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace primacy {
namespace {

constexpr double kLargest = 10;

class Uncertainty final : public LossWeighing {
 public:
  Uncertainty(std::vector<bool> squared, double rate, WeighingState saved)
      : squared_(std::move(squared)), rate_(rate), state_(std::move(saved)) {
    if (state_.values.empty()) state_.values.assign(squared_.size(), 0.0);
    CHECK_EQ(state_.values.size(), squared_.size());
  }

  std::vector<double> Weights() const override {
    std::vector<double> weights;
    for (size_t t = 0; t < squared_.size(); ++t) {
      weights.push_back((squared_[t] ? 0.5 : 1.0) * std::exp(-state_.values[t]));
    }
    return weights;
  }

  void Observe(std::span<const double> losses, const std::vector<bool>& has_loss) override {
    ++state_.updates;
    const std::vector<double> weights = Weights();
    for (size_t t = 0; t < losses.size(); ++t) {
      if (!has_loss[t]) continue;
      double& s = state_.values[t];
      s = std::clamp(s - rate_ * (0.5 - weights[t] * losses[t]), -kLargest, kLargest);
    }
  }

  WeighingState Saved() const override { return state_; }

 private:
  const std::vector<bool> squared_;
  const double rate_;
  WeighingState state_;
};

}  // namespace

std::unique_ptr<LossWeighing> MakeUncertainty(std::vector<bool> squared, double rate,
                                              WeighingState saved) {
  return std::make_unique<Uncertainty>(std::move(squared), rate, std::move(saved));
}

}  // namespace primacy
