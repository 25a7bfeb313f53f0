#include "ps/priority/stage_length.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace primacy {
namespace {

constexpr double kMiddleShare = 1.0 / 3;  // of the first stage
constexpr double kTail = 5.0 / 3;         // of the time of fast learning
constexpr double kFast = 0.01;            // share of its loss that a task learns

}  // namespace

bool LengthsAreLimited(const Job& job) {
  const PriorityConfig& priority = job.priority();
  return priority.length_max() > 0 && job.training().patience() > 0 &&
         priority.stage_start() == PriorityConfig::FRESH &&
         priority.signal() == PriorityConfig::HOLDOUT;
}

int64_t StageLengthMax(const Job& job, int stages, std::span<const int64_t> finished) {
  if (!LengthsAreLimited(job) || finished.empty()) return -1;
  const double first = static_cast<double>(finished.front());
  const bool last = finished.size() + 1 == static_cast<size_t>(stages);
  const int64_t middle = std::llround(kMiddleShare * first);
  if (!last) return middle;
  const int64_t spent = std::accumulate(finished.begin(), finished.end(), int64_t{0});
  const int64_t all = std::llround(job.priority().length_max() * stages * first);
  return std::max(middle, all - spent);
}

int64_t EvaluationsToMake(std::span<const double> losses, int patience) {
  size_t fast = 0;  // evaluations until the task last learnt fast
  std::vector<double> lowest;
  for (const double loss : losses) {
    const size_t before = lowest.size() - std::min(lowest.size(), static_cast<size_t>(patience));
    lowest.push_back(lowest.empty() ? loss : std::min(lowest.back(), loss));
    if (lowest.back() < (1 - kFast) * lowest[before]) fast = lowest.size();
  }
  return std::llround(kTail * static_cast<double>(fast));
}

}  // namespace primacy
