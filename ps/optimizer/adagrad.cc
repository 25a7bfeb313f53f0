#include "ps/optimizer/adagrad.h"

#include <algorithm>
#include <cmath>

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

constexpr double kDefaultEpsilon = 1e-10;

// What is the same for all elements of an update.
struct Factors {
  float scale = 1;
  float l2 = 0;
  float rate = 0;
  float epsilon = 0;
};

template <typename Dim>
PRIMACY_IN_LOOP void UpdateRow(Dim dim, float* __restrict weights, const float* __restrict gradient,
                               const Factors& factors) {
  float* __restrict sums = weights + dim;
  for (size_t i = 0; i < dim; ++i) {
    const float g = gradient[i] * factors.scale + factors.l2 * weights[i];
    sums[i] += g * g;
    weights[i] -= factors.rate * g / (std::sqrt(sums[i]) + factors.epsilon);
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

class Adagrad final : public Optimizer {
 public:
  explicit Adagrad(const OptimizerConfig& config)
      : config_(config), epsilon_(config.has_epsilon() ? config.epsilon() : kDefaultEpsilon) {}

  size_t SlotFloats(size_t dim) const override { return dim; }
  void InitialSlots(size_t dim, float* slots) const override {
    std::fill_n(slots, dim, static_cast<float>(config_.initial_accumulator()));
  }
  void Update(const UpdateFactors& update, size_t dim, std::span<float* const> rows,
              const float* gradients) const override {
    const double rate = Rate(config_, update);
    const Factors factors{.scale = update.gradient,
                          .l2 = static_cast<float>(config_.l2()),
                          .rate = static_cast<float>(rate),
                          .epsilon = static_cast<float>(epsilon_)};
    UpdateRows(dim, rows.size(), rows.data(), gradients, factors);
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
