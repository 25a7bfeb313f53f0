#include "ps/priority/min_norm.h"

#include <algorithm>
#include <numeric>

namespace primacy {
namespace {

constexpr double kGapOfValue = 1e-9;
constexpr double kGapOfLargest = 1e-14;
// Sums that are carried along are made anew this often.
constexpr size_t kRefreshEvery = 64;

}  // namespace

std::optional<std::vector<double>> MinNormWeights(const SquareMatrix& gram,
                                                  std::span<const double> floors) {
  const size_t n = gram.size();
  const double left = std::max(0.0, 1.0 - std::accumulate(floors.begin(), floors.end(), 0.0));
  std::vector<double> weights(floors.begin(), floors.end());
  for (double& weight : weights) weight += left / static_cast<double>(n);

  const double gap_min = kGapOfLargest * LargestOnDiagonal(gram);
  const size_t steps_max = 1000 + 100 * n * n;
  std::vector<double> slope;  // ⟨g_i, Σ w_j g_j⟩
  for (size_t step = 0; step < steps_max; ++step) {
    if (step % kRefreshEvery == 0) slope = Product(gram, weights);
    size_t to = 0, from = n;
    double spent_on_floors = 0;
    for (size_t i = 0; i < n; ++i) {
      if (slope[i] < slope[to]) to = i;
      if (weights[i] > floors[i] && (from == n || slope[i] > slope[from])) from = i;
      spent_on_floors += floors[i] * slope[i];
    }
    const double value = Dot(weights, slope);
    const double gap = value - spent_on_floors - left * slope[to];
    if (from == n || gap <= std::max(gap_min, kGapOfValue * value)) return weights;
    const double curve = gram.at(to, to) + gram.at(from, from) - 2 * gram.at(to, from);
    const double room = weights[from] - floors[from];
    const double best = curve > 0 ? (slope[from] - slope[to]) / curve : room;
    const double move = std::min(best, room);
    weights[to] += move;
    weights[from] = move == room ? floors[from] : weights[from] - move;
    for (size_t i = 0; i < n; ++i) slope[i] += move * (gram.at(i, to) - gram.at(i, from));
  }
  return std::nullopt;
}

}  // namespace primacy
