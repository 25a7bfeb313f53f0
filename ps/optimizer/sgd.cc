#include "ps/optimizer/sgd.h"

#include "common/base/vectorize.h"

namespace primacy {
namespace {

PRIMACY_VECTORIZED void UpdateRows(size_t dim, size_t count, float* const* rows,
                                   const float* gradients, float scale, float rate, float l2) {
  for (size_t r = 0; r < count; ++r) {
    float* __restrict weights = rows[r];
    const float* __restrict gradient = gradients + r * dim;
    for (size_t i = 0; i < dim; ++i) {
      const float g = gradient[i] * scale + l2 * weights[i];
      weights[i] -= rate * g;
    }
  }
}

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const OptimizerConfig& config) : config_(config) {}

  size_t SlotFloats(size_t) const override { return 0; }
  void InitialSlots(size_t, float*) const override {}
  void Update(Step step, size_t dim, std::span<float* const> rows, const float* gradients,
              float scale) const override {
    const double rate = config_.learning_rate() * ScheduleFactor(config_.schedule(), step);
    UpdateRows(dim, rows.size(), rows.data(), gradients, scale, static_cast<float>(rate),
               static_cast<float>(config_.l2()));
  }

 private:
  const OptimizerConfig config_;
};

}  // namespace

std::unique_ptr<Optimizer> MakeSgd(const OptimizerConfig& config) {
  return std::make_unique<Sgd>(config);
}

}  // namespace primacy
