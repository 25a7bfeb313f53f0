#include "worker/metrics/loss_difference.h"

#include <glog/logging.h>

#include <cmath>

namespace primacy {

LossDifference CompareLosses(const GroupLosses::Column& before, const GroupLosses::Column& now) {
  const size_t groups = now.weight.size();
  CHECK_EQ(before.weight.size(), groups);
  double weight = 0, sum = 0;
  int64_t counted = 0;
  for (size_t g = 0; g < groups; ++g) {
    if (!(now.weight[g] > 0)) continue;
    weight += now.weight[g];
    sum += now.loss[g] - before.loss[g];
    ++counted;
  }
  LossDifference difference;
  difference.set_groups(counted);
  if (counted == 0) return difference;
  const double mean = sum / weight;
  difference.set_mean(mean);
  if (counted < 2) return difference;
  double squares = 0;
  for (size_t g = 0; g < groups; ++g) {
    if (!(now.weight[g] > 0)) continue;
    const double residual = now.loss[g] - before.loss[g] - mean * now.weight[g];
    squares += residual * residual;
  }
  const double n = static_cast<double>(counted);
  difference.set_standard_error(std::sqrt(n / (n - 1) * squares) / weight);
  return difference;
}

Status LossMemory::CheckGroups(const GroupLosses& losses) const {
  if (losses.groups == groups_ && losses.ids == ids_) return Ok();
  return Failure("the rows to compare losses on are others than before: the log has changed");
}

Status LossMemory::Remember(const GroupLosses& losses, uint64_t tasks) {
  if (tasks == 0) return Ok();
  if (empty_) {
    groups_ = losses.groups;
    ids_ = losses.ids;
    tasks_.resize(losses.tasks.size());
    empty_ = false;
  }
  PRIMACY_TRY(CheckGroups(losses));
  for (size_t t = 0; t < tasks_.size(); ++t) {
    if (tasks >> t & 1) tasks_[t] = losses.tasks[t];
  }
  known_ |= tasks;
  return Ok();
}

Result<LossDifference> LossMemory::Compare(const GroupLosses& now, size_t task) const {
  if (!(known_ >> task & 1))
    return Failure("the coordinator wants losses compared that no evaluation has left here");
  PRIMACY_TRY(CheckGroups(now));
  return CompareLosses(tasks_[task], now.tasks[task]);
}

}  // namespace primacy
