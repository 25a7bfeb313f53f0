#include "ps/priority/dwa.h"

#include <glog/logging.h>

#include <utility>

#include "ps/priority/softmax_weights.h"

namespace primacy {
namespace {

constexpr double kTemperature = 2;

class Dwa final : public LossWeighing {
 public:
  Dwa(int tasks, int64_t steps_per_pass, WeighingState saved)
      : tasks_(static_cast<size_t>(tasks)),
        steps_per_pass_(steps_per_pass),
        state_(std::move(saved)) {
    if (state_.values.empty()) state_.values.assign(4 * tasks_, 0.0);
    CHECK_EQ(state_.values.size(), 4 * tasks_);
  }

  std::vector<double> Weights() const override {
    std::vector<double> logits(tasks_, 1 / kTemperature);
    for (size_t t = 0; t < tasks_; ++t) {
      const double last = state_.values[2 * tasks_ + t], before = state_.values[3 * tasks_ + t];
      if (last > 0 && before > 0) logits[t] = last / before / kTemperature;
    }
    return SoftmaxWeights(logits, static_cast<double>(tasks_));
  }

  void Observe(std::span<const double> losses, const std::vector<bool>& has_loss) override {
    double* const sum = state_.values.data();
    double* const count = sum + tasks_;
    for (size_t t = 0; t < tasks_; ++t) {
      if (!has_loss[t]) continue;
      sum[t] += losses[t];
      ++count[t];
    }
    if (++state_.updates % steps_per_pass_ != 0) return;
    double* const last = count + tasks_;
    double* const before = last + tasks_;
    for (size_t t = 0; t < tasks_; ++t) {
      before[t] = std::exchange(last[t], count[t] > 0 ? sum[t] / count[t] : 0.0);
      sum[t] = count[t] = 0;
    }
  }

  WeighingState Saved() const override { return state_; }

 private:
  const size_t tasks_;
  const int64_t steps_per_pass_;
  WeighingState state_;
};

}  // namespace

std::unique_ptr<LossWeighing> MakeDwa(int tasks, int64_t steps_per_pass, WeighingState saved) {
  return std::make_unique<Dwa>(tasks, steps_per_pass, std::move(saved));
}

}  // namespace primacy
