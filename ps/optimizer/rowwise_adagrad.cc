#include "ps/optimizer/rowwise_adagrad.h"

#include <cmath>

#include "common/base/row_loop.h"
#include "common/base/vectorize.h"

namespace primacy {
namespace {

constexpr double kDefaultEpsilon = 1e-10;
// Partial sums of the squares of a row: element i goes to lane i mod 8, so the order of summation,
// and with it the result, does not depend on how wide the processor's vectors are.
constexpr size_t kLanes = 8;

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
  float* __restrict sum = weights + dim;
  const size_t whole = dim / kLanes * kLanes;
  float lanes[kLanes] = {};
  for (size_t i = 0; i < whole; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const float g = gradient[i + lane] * factors.scale + factors.l2 * weights[i + lane];
      lanes[lane] += g * g;
    }
  }
  for (size_t i = whole; i < dim; ++i) {
    const float g = gradient[i] * factors.scale + factors.l2 * weights[i];
    lanes[i - whole] += g * g;
  }
  const float squares = ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
                        ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  *sum += squares / static_cast<float>(dim);
  const float divisor = std::sqrt(*sum) + factors.epsilon;
  for (size_t i = 0; i < dim; ++i) {
    const float g = gradient[i] * factors.scale + factors.l2 * weights[i];
    weights[i] -= factors.rate * g / divisor;
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

class RowwiseAdagrad final : public Optimizer {
 public:
  explicit RowwiseAdagrad(const OptimizerConfig& config)
      : config_(config), epsilon_(config.has_epsilon() ? config.epsilon() : kDefaultEpsilon) {}

  size_t SlotFloats(size_t) const override { return 1; }
  void InitialSlots(size_t, float* slots) const override {
    slots[0] = static_cast<float>(config_.initial_accumulator());
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

std::unique_ptr<Optimizer> MakeRowwiseAdagrad(const OptimizerConfig& config) {
  return std::make_unique<RowwiseAdagrad>(config);
}

}  // namespace primacy
