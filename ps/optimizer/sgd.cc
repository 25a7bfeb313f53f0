#include "ps/optimizer/sgd.h"

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

// What is the same for all elements of an update.
struct Factors {
  float scale = 1;
  float l2 = 0;
  float rate = 0;
};

template <typename Dim>
PRIMACY_IN_LOOP void UpdateRow(Dim dim, float* __restrict weights, const float* __restrict gradient,
                               const Factors& factors) {
  for (size_t i = 0; i < dim; ++i) {
    const float g = gradient[i] * factors.scale + factors.l2 * weights[i];
    weights[i] -= factors.rate * g;
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

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const OptimizerConfig& config) : config_(config) {}

  size_t SlotFloats(size_t) const override { return 0; }
  void InitialSlots(size_t, float*) const override {}
  void Update(const UpdateFactors& update, size_t dim, std::span<float* const> rows,
              const float* gradients) const override {
    const double rate = Rate(config_, update);
    const Factors factors{.scale = update.gradient,
                          .l2 = static_cast<float>(config_.l2()),
                          .rate = static_cast<float>(rate)};
    UpdateRows(dim, rows.size(), rows.data(), gradients, factors);
  }

 private:
  const OptimizerConfig config_;
};

}  // namespace

std::unique_ptr<Optimizer> MakeSgd(const OptimizerConfig& config) {
  return std::make_unique<Sgd>(config);
}

}  // namespace primacy
