#include "ps/optimizer/adam.h"

#include <algorithm>
#include <cmath>

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

constexpr double kDefaultEpsilon = 1e-8;

// What is the same for all elements of an update.
struct Factors {
  float scale = 1;
  float l2 = 0;
  float beta1 = 0;
  float beta1_rest = 0;  // 1 − β₁
  float beta2 = 0;
  float beta2_rest = 0;
  float step_size = 0;        // η / (1 − β₁ᵗ)
  float correction_root = 0;  // √(1 − β₂ᵗ)
  float epsilon = 0;
};

template <typename Dim>
PRIMACY_IN_LOOP void UpdateRow(Dim dim, float* __restrict weights, const float* __restrict gradient,
                               const Factors& factors) {
  float* __restrict first = weights + dim;
  float* __restrict second = weights + 2 * dim;
  for (size_t i = 0; i < dim; ++i) {
    const float g = gradient[i] * factors.scale + factors.l2 * weights[i];
    first[i] = first[i] * factors.beta1 + factors.beta1_rest * g;
    second[i] = second[i] * factors.beta2 + factors.beta2_rest * g * g;
    const float divisor = std::sqrt(second[i]) / factors.correction_root + factors.epsilon;
    weights[i] -= factors.step_size * first[i] / divisor;
  }
}

PRIMACY_VECTORIZED void UpdateRows(size_t dim, size_t count, float* const* rows,
                                   const float* gradients, const Factors factors) {
  WithDim(
      dim, [&](auto known_dim) __attribute__((always_inline)) {
        for (size_t r = 0; r < count; ++r) {
          UpdateRow(known_dim, rows[r], gradients + r * dim, factors);
        }
      });
}

class Adam final : public Optimizer {
 public:
  explicit Adam(const OptimizerConfig& config)
      : config_(config), epsilon_(config.has_epsilon() ? config.epsilon() : kDefaultEpsilon) {}

  size_t SlotFloats(size_t dim) const override { return 2 * dim; }
  void InitialSlots(size_t dim, float* slots) const override { std::fill_n(slots, 2 * dim, 0.0f); }
  void Update(const UpdateFactors& update, size_t dim, std::span<float* const> rows,
              const float* gradients) const override {
    const double rate = Rate(config_, update);
    const double updates = static_cast<double>(update.step + 1);
    const double correction1 = 1 - std::pow(config_.beta1(), updates);
    const double correction2 = 1 - std::pow(config_.beta2(), updates);
    const Factors factors{
        .scale = update.gradient,
        .l2 = static_cast<float>(config_.l2()),
        .beta1 = static_cast<float>(config_.beta1()),
        .beta1_rest = static_cast<float>(1 - config_.beta1()),
        .beta2 = static_cast<float>(config_.beta2()),
        .beta2_rest = static_cast<float>(1 - config_.beta2()),
        .step_size = static_cast<float>(rate / correction1),
        .correction_root = static_cast<float>(std::sqrt(correction2)),
        .epsilon = static_cast<float>(epsilon_),
    };
    UpdateRows(dim, rows.size(), rows.data(), gradients, factors);
  }

 private:
  const OptimizerConfig config_;
  const double epsilon_;
};

}  // namespace

std::unique_ptr<Optimizer> MakeAdam(const OptimizerConfig& config) {
  return std::make_unique<Adam>(config);
}

}  // namespace primacy
