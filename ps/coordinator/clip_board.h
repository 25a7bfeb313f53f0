// Clipping by global norm in BSP: gathers every server's sums of squares of a step, per virtual
// shard, and answers all with one factor. The sum runs in shard order in double, so the factor does
// not depend on the number of servers.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "common/base/mutex.h"
#include "common/protocol/ids.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"

namespace primacy {

// min(1, clip_norm / sqrt(Σ squares)); 1 when clip_norm is 0. `squares`: per virtual shard, in
// shard order.
double ClipScale(const std::vector<double>& squares, double clip_norm);

// Thread safe.
class ClipBoard {
 public:
  ClipBoard(int servers, double clip_norm) : servers_(servers), clip_norm_(clip_norm) {}
  void OnNorm(const NormRequest& request, const RawBuffer& squares, Responder responder);
  void Fail(const Error& error);

 private:
  struct Gathering {
    std::vector<double> squares;
    std::vector<std::optional<Responder>> responders;
    int arrived = 0;
  };
  const int servers_;
  const double clip_norm_;
  Mutex mutex_;
  std::map<Step, Gathering> steps_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace primacy
