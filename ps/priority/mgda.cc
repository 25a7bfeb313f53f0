#include "ps/priority/mgda.h"

#include "ps/priority/min_norm.h"

namespace primacy {
namespace {

class Mgda final : public GramWeighing {
 public:
  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    return MinNormWeights(problem.gram, std::vector<double>(problem.tasks.size(), 0.0));
  }
};

}  // namespace

std::unique_ptr<GramWeighing> MakeMgda() { return std::make_unique<Mgda>(); }

}  // namespace primacy
