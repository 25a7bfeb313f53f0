#include "ps/priority/loss_path.h"

#include <algorithm>
#include <vector>

namespace primacy {
namespace {

constexpr int64_t kNeighbours = 2;  // on either side
constexpr double kLuckMax = 0.01;   // share of the kept loss

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

std::span<const double> Losses(const LossPath& path) {
  return {path.loss().data(), static_cast<size_t>(path.loss_size())};
}

double HoldoutBound(std::span<const double> path, int64_t kept) {
  const int64_t begin = std::max<int64_t>(0, kept - kNeighbours);
  const int64_t end = std::min<int64_t>(static_cast<int64_t>(path.size()), kept + kNeighbours + 1);
  std::vector<double> around;
  for (int64_t n = begin; n < end; ++n) {
    if (n != kept) around.push_back(path[n]);
  }
  const double loss = path[kept];
  if (around.empty()) return loss;
  return std::clamp(Median(around), loss, (1 + kLuckMax) * loss);
}

double PacedBound(double bound, std::span<const double> path, int64_t evaluation) {
  if (evaluation >= static_cast<int64_t>(path.size())) return bound;
  return std::max(bound, *std::min_element(path.begin(), path.begin() + evaluation + 1));
}

}  // namespace primacy
