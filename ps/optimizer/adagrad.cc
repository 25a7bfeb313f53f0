#include "ps/optimizer/adagrad.h"

#include <algorithm>
#include <cmath>

#include "common/base/vectorize.h"

namespace primacy {
namespace {

constexpr double kDefaultEpsilon = 1e-10;

PRIMACY_VECTORIZED void UpdateRows(size_t dim, size_t count, float* const* rows,
                                   const float* gradients, float scale, float rate, float epsilon,
                                   float l2) {
  for (size_t r = 0; r < count; ++r) {
    float* __restrict weights = rows[r];
    float* __restrict sums = rows[r] + dim;
    const float* __restrict gradient = gradients + r * dim;
    for (size_t i = 0; i < dim; ++i) {
      const float g = gradient[i] * scale + l2 * weights[i];
      sums[i] += g * g;
      weights[i] -= rate * g / (std::sqrt(sums[i]) + epsilon);
    }
  }
}

class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(const OptimizerConfig& config)
      : config_(config), epsilon_(config.has_epsilon() ? config.epsilon() : kDefaultEpsilon) {}

  size_t SlotFloats(size_t dim) const override { return dim; }
  void InitialSlots(size_t dim, float* slots) const override {
    std::fill_n(slots, dim, static_cast<float>(config_.initial_accumulator()));
  }
  void Update(Step step, size_t dim, std::span<float* const> rows, const float* gradients,
              float scale) const override {
    const double rate = config_.learning_rate() * ScheduleFactor(config_.schedule(), step);
    UpdateRows(dim, rows.size(), rows.data(), gradients, scale, static_cast<float>(rate),
               static_cast<float>(epsilon_), static_cast<float>(config_.l2()));
  }

 private:
  const OptimizerConfig config_;
  const double epsilon_;
};

}  // namespace

std::unique_ptr<Optimizer> MakeAdagrad(const OptimizerConfig& config) {
  return std::make_unique<Adagrad>(config);
}

}  // namespace primacy
