#include "ps/priority/update_weigher.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace primacy {
namespace {

bool AllFinite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

}  // namespace

UpdateWeigher::UpdateWeigher(int tasks, std::unique_ptr<GramWeighing> method, WeighingState saved)
    : method_(std::move(method)),
      last_(std::move(saved.values)),
      updates_(saved.updates),
      fallbacks_(saved.fallbacks) {
  last_.resize(static_cast<size_t>(tasks), 0.0);
}

std::vector<double> UpdateWeigher::Weigh(const PlaneProducts& update) {
  ++updates_;
  const size_t n = update.tasks.size();
  std::vector<size_t> part;  // positions of those that take part
  for (size_t i = 0; i < n; ++i) {
    if (update.gram.at(i, i) > 0) part.push_back(i);
  }
  std::vector<double> weights(n, 0.0);
  if (part.size() == 1) weights[part[0]] = 1;
  if (part.size() < 2) return weights;

  GramProblem problem{update.step, {}, {}, SquareMatrix(part.size())};
  for (size_t i = 0; i < part.size(); ++i) {
    problem.tasks.push_back(update.tasks[part[i]]);
    problem.losses.push_back(update.losses[part[i]]);
    for (size_t j = 0; j < part.size(); ++j)
      problem.gram.at(i, j) = update.gram.at(part[i], part[j]);
  }
  std::optional<std::vector<double>> solved = method_->Solve(problem);
  if (!solved.has_value() || !AllFinite(*solved)) solved = FallBack(problem.tasks);
  for (size_t i = 0; i < part.size(); ++i) {
    weights[part[i]] = last_[problem.tasks[i]] = (*solved)[i];
  }
  return weights;
}

std::vector<double> UpdateWeigher::FallBack(const std::vector<int>& tasks) {
  ++fallbacks_;
  std::vector<double> weights;
  for (const int task : tasks) weights.push_back(last_[task]);
  const bool known = std::any_of(weights.begin(), weights.end(), [](double w) { return w != 0; });
  if (!known) weights.assign(tasks.size(), 1.0 / static_cast<double>(tasks.size()));
  return weights;
}

WeighingState UpdateWeigher::Saved() const {
  WeighingState state{last_, updates_, fallbacks_};
  const std::vector<double> own = method_->Saved();
  state.values.insert(state.values.end(), own.begin(), own.end());
  return state;
}

}  // namespace primacy
