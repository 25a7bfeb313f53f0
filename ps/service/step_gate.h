// When a worker may read: the consistency of the job, as a rule over the workers' clocks.
//
// A worker's clock counts its own steps of the phase; clock c reads before its (c + 1)-th push.
//   BSP      a read at clock c waits until every worker's push c - 1 is applied: all updates before
//   it, none after. SSP(N)   a read at clock c waits until every worker has c - N pushes applied
//   (Ho et al. 2013). ASP      never waits.
// A worker without further steps in the phase has an infinite clock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/config/job.pb.h"

namespace primacy {

// Not thread safe: used by the owner thread.
class StepGate {
 public:
  StepGate(RuntimeConfig::Consistency consistency, int staleness, int workers)
      : consistency_(consistency),
        staleness_(staleness),
        rule_(consistency),
        applied_(workers, 0) {}

  // A new phase: all clocks at 0. warming_up: its rule is BSP's.
  void Reset(bool warming_up) {
    rule_ = warming_up ? RuntimeConfig::BSP : consistency_;
    applied_.assign(applied_.size(), 0);
  }
  // A push of `worker` was applied.
  void Applied(int worker) { ++applied_[worker]; }
  // `worker` has no more steps in this phase.
  void Idle(int worker) { applied_[worker] = std::numeric_limits<int64_t>::max() / 2; }

  bool MayRead(int64_t clock) const {
    if (rule_ == RuntimeConfig::ASP) return true;
    const int64_t lag = rule_ == RuntimeConfig::SSP ? staleness_ : 0;
    return std::all_of(applied_.begin(), applied_.end(),
                       [&](int64_t applied) { return applied >= clock - lag; });
  }

  // Pushes of the phase that every worker has had applied.
  int64_t applied() const { return *std::min_element(applied_.begin(), applied_.end()); }

  bool together() const { return rule_ == RuntimeConfig::BSP; }

 private:
  const RuntimeConfig::Consistency consistency_;
  const int staleness_;
  RuntimeConfig::Consistency rule_;  // of the phase
  std::vector<int64_t> applied_;     // pushes of the phase, per worker
};

}  // namespace primacy
