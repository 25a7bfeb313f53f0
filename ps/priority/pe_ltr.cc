#include "ps/priority/pe_ltr.h"

#include <utility>

#include "ps/priority/min_norm.h"

namespace primacy {
namespace {

class PeLtr final : public GramWeighing {
 public:
  explicit PeLtr(std::vector<double> floors) : floors_(std::move(floors)) {}

  std::optional<std::vector<double>> Solve(const GramProblem& problem) override {
    std::vector<double> floors;
    for (const int task : problem.tasks) floors.push_back(floors_[task]);
    return MinNormWeights(problem.gram, floors);
  }

 private:
  const std::vector<double> floors_;
};

}  // namespace

std::unique_ptr<GramWeighing> MakePeLtr(std::vector<double> floors) {
  return std::make_unique<PeLtr>(std::move(floors));
}

}  // namespace primacy
