#include "ps/priority/pcgrad.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"

namespace primacy {
namespace {

// The positions below `count` other than `self`, shuffled.
std::vector<size_t> OthersInRandomOrder(size_t count, size_t self, uint64_t seed) {
  std::vector<size_t> others;
  for (size_t j = 0; j < count; ++j) {
    if (j != self) others.push_back(j);
  }
  for (size_t left = others.size(); left > 1; --left) {
    std::swap(others[left - 1], others[RandomBelow(seed, left, left)]);
  }
  return others;
}

class Pcgrad final : public GramWeighing {
 public:
  explicit Pcgrad(uint64_t seed) : seed_(seed) {}

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    const size_t n = problem.tasks.size();
    const SquareMatrix& gram = problem.gram;
    const uint64_t step_seed = HashCombine(seed_, static_cast<uint64_t>(problem.step));
    std::vector<double> weights(n, 0.0);
    for (size_t i = 0; i < n; ++i) {
      std::vector<double> projected(n, 0.0);  // p_i = Σ projected_k g_k
      projected[i] = 1;
      const uint64_t seed = HashCombine(step_seed, static_cast<uint64_t>(problem.tasks[i]));
      for (const size_t j : OthersInRandomOrder(n, i, seed)) {
        double product = 0;
        for (size_t k = 0; k < n; ++k) product += projected[k] * gram.at(k, j);
        if (product < 0) projected[j] -= product / gram.at(j, j);
      }
      for (size_t k = 0; k < n; ++k) weights[k] += projected[k];
    }
    return weights;
  }

 private:
  const uint64_t seed_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakePcgrad(uint64_t seed) { return std::make_unique<Pcgrad>(seed); }

}  // namespace primacy
