// Weighing updates whose gradients come in planes, one per task: gathers every server's products of
// the planes and the losses of the update, asks the method for weights, and answers all servers.
// The sums run in shard order in double, so the weights do not depend on the number of servers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/protocol/ids.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/priority/update_weigher.h"

namespace primacy {

// What the step board knows of an update once its losses are in.
struct UpdateFacts {
  Step step = 0;
  std::vector<double> losses;   // [task] means; 0 without labels
  std::vector<double> weights;  // [task] that were granted; used when there is no method
};

// Thread safe.
class GramBoard {
 public:
  // `on_failure` is called without locks held when an update cannot be weighed. task_names: for
  // messages.
  GramBoard(int servers, double clip_norm, std::vector<std::string> task_names,
            std::function<void(Error)> on_failure);

  // A stage begins or goes on. No method: the weights that were granted count, for private
  // parameters too; with a method those keep their own gradients. weights: see `weights`.
  void BeginStage(std::unique_ptr<UpdateWeigher> method, WeightSums weights);
  // All workers are quiet.
  void BeginPhase();
  // An evaluation has stated the mean weights: the next ones begin.
  void ClearWeights();
  void OnLosses(UpdateFacts facts) EXCLUDES(mutex_);
  void OnGram(const GramRequest& request, const RawBuffer& products, Responder responder)
      EXCLUDES(mutex_);
  // Answers all waiting requests with `error`, and every later one.
  void Fail(const Error& error);

  WeighingState Saved() const;
  // Of the updates since the last evaluation.
  WeightSums weights() const;

 private:
  struct Update {
    uint64_t plane_tasks = 0;
    std::vector<double> products;  // [shard, numbers of a shard]
    std::vector<std::optional<Responder>> responders;
    int arrived = 0;
    std::optional<UpdateFacts> facts;
  };

  Status Accept(const GramRequest& request, const RawBuffer& products, Update& update) const
      REQUIRES(mutex_);
  // Answers the update when all of it is there; an error when it cannot be weighed.
  Status TryAnswer(Step step) REQUIRES(mutex_);
  Result<GramReply> Weigh(Step step, const Update& update) REQUIRES(mutex_);

  const int servers_;
  const double clip_norm_;
  const std::vector<std::string> task_names_;
  const std::function<void(Error)> on_failure_;

  mutable Mutex mutex_;
  std::unique_ptr<UpdateWeigher> method_ GUARDED_BY(mutex_);
  std::map<Step, Update> updates_ GUARDED_BY(mutex_);
  WeightSums weights_ GUARDED_BY(mutex_);
  std::optional<Error> failure_ GUARDED_BY(mutex_);
};

}  // namespace primacy
