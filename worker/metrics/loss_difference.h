// How the losses of two models on the same rows differ, with the error of that figure over groups
// of rows that depend on each other.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/messages.pb.h"
#include "worker/metrics/group_losses.h"

namespace primacy {

// Both columns are of the same groups. With W_g the weight of group g and D_g the difference of its
// Σ weight · loss, now − before, the mean is d = Σ D_g / Σ W_g and its standard error
//
//   √( G/(G−1) · Σ (D_g − d·W_g)² ) / Σ W_g
//
// over the G groups of weight above 0: the ratio estimator of survey sampling (Cochran 1977, 6.4),
// which is the cluster-robust variance of a weighted mean (Cameron and Miller 2015, section II).
// Without weight all fields are absent but `groups`, which is 0.
LossDifference CompareLosses(const GroupLosses::Column& before, const GroupLosses::Column& now);

// The losses that a worker remembers of earlier evaluations of one slice. Memory: 8 bytes a group,
// and 16 a group and task. Not thread safe.
class LossMemory {
 public:
  // Keeps the columns of `tasks` (a bit each), in place of older ones of the same tasks. Fails when
  // the groups are not those of what is remembered already.
  Status Remember(const GroupLosses& losses, uint64_t tasks);
  // `now` against what is remembered of the task. Fails when that is nothing, or of other groups.
  Result<LossDifference> Compare(const GroupLosses& now, size_t task) const;

 private:
  Status CheckGroups(const GroupLosses& losses) const;

  bool empty_ = true;
  size_t groups_ = 0;
  std::vector<uint64_t> ids_;
  std::vector<GroupLosses::Column> tasks_;  // [task]
  uint64_t known_ = 0;                      // bit t: tasks_[t] is remembered
};

}  // namespace primacy
