// The step clock of a training phase: who may begin which step, with which λ, and what the losses
// were.
//
// BSP: every worker asks for every step; the answer comes when all have asked and all losses of the
// step before are in, so λ of step t is computed once from steps <= t - 1 and is the same for all.
// SSP and ASP: every update is one worker's whole batch; workers lease step numbers, λ is the
// current one and denominators follow a running mean of the labels' weights.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/ids.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"
#include "ps/checkpoint/manifest.pb.h"
#include "ps/coordinator/gram_board.h"
#include "ps/priority/loss_weighing.h"

namespace primacy {

// Running figures, for progress and events.
struct StepProgress {
  Step next_step = 0;          // first step of which nothing is known yet
  int64_t rows = 0;            // of the phase
  double seconds = 0;          // since it began
  std::vector<double> lambda;  // per task, now
  // Per task, means over the steps since the last evaluation.
  std::vector<double> loss_mean;  // NaN where no label was seen
  std::vector<double> lambda_mean;
  std::vector<double> weight_mean;  // of the losses, as granted
};

// SSP, ASP: the labels' weights of the recent rows, decaying, from which denominators are taken.
struct LabelWeights {
  std::vector<double> sum;  // per task; empty before the first step
  double rows = 0;
};

// What a phase needs to know.
struct StepPhase {
  uint32_t incarnation = 0;
  Step first_step = 0;
  Step end_step = 0;  // first step that is not part of it
  int64_t batch_rows = 0;
  // Gradients come in planes and are weighed on the servers: factors are 1 / denominator.
  bool planes = false;
  // SSP, ASP: this phase is run as in BSP.
  bool warming_up = false;
  // See StepBoard::PauseAt.
  std::chrono::steady_clock::time_point pause_at = std::chrono::steady_clock::time_point::max();
};

// Thread safe: requests come from the transport's thread, the rest from the coordinator's.
class StepBoard {
 public:
  // `on_failure` is called once, without locks held, when the losses are not finite. task_names:
  // for messages. `planes` outlives the board and is told the losses of updates in planes.
  StepBoard(int workers, RuntimeConfig::Consistency consistency,
            std::vector<std::string> task_names, GramBoard& planes,
            std::function<void(Error)> on_failure);

  // A new stage, or one that is resumed: its way of weighing, and label weights and sums so far.
  void BeginStage(std::unique_ptr<LossWeighing> weighing, LabelWeights label_weights,
                  StepSums sums);
  // All workers are quiet; another way of weighing from here on.
  void ReplaceWeighing(std::unique_ptr<LossWeighing> weighing);
  // All workers are quiet; from here on requests of `phase.incarnation` are answered.
  void BeginPhase(const StepPhase& phase);
  // All workers are quiet and an evaluation has stated the means: the next ones begin.
  void ClearSums();
  // Ends the phase at the next step that no worker has begun. Harmless when none is running.
  void RequestPause();
  // The same from `time` on, but after at least one step of the phase. The last call counts.
  void PauseAt(std::chrono::steady_clock::time_point time);
  // Answers all waiting requests with `error`, and every later one.
  void Fail(const Error& error);

  void OnStep(const StepRequest& request, Responder responder) EXCLUDES(mutex_);
  void OnLosses(const StepLosses& losses, Responder responder) EXCLUDES(mutex_);
  void OnLease(const LeaseRequest& request, Responder responder) EXCLUDES(mutex_);

  StepProgress progress() const;
  WeighingState weighing() const;
  LabelWeights label_weights() const;
  StepSums sums() const;
  // Workers whose request for the step in progress is missing, when nothing has moved since
  // `since`; empty otherwise.
  std::vector<int> StalledWorkers(std::chrono::steady_clock::time_point since) const;

 private:
  struct Ask {
    std::vector<double> task_weight;
    int64_t rows = 0;
    Responder responder;
  };
  // One BSP step: requests and losses of the workers that have arrived so far.
  struct Round {
    std::vector<std::optional<Ask>> asks;
    std::optional<std::vector<double>>
        factors;  // once answered: what a repeated request is answered with
    std::vector<std::optional<StepLosses>> losses;
  };

  // Whether all workers take every step of the phase: BSP.
  bool Together() const REQUIRES(mutex_) {
    return consistency_ == RuntimeConfig::BSP || phase_.warming_up;
  }
  Status CheckCurrent(uint32_t incarnation, int worker) const REQUIRES(mutex_);
  // Whether the phase ends before `step`, the next one that nobody has begun.
  bool IsOverBefore(Step step) const REQUIRES(mutex_);
  void TryAnswerRound(Step step) REQUIRES(mutex_);
  void ObserveRound(Step step) REQUIRES(mutex_);
  // The mean losses of a complete step, summed in worker order; false when one is not finite.
  bool Observe(Step step, const std::vector<const StepLosses*>& parts) REQUIRES(mutex_);
  // SSP, ASP: takes an update's label weights into the running mean.
  void NoteLabelWeights(const std::vector<double>& task_weight, int64_t rows) REQUIRES(mutex_);
  // Factors of `step` on the sums of row losses.
  std::vector<double> LossFactors(Step step, const std::vector<double>& denominators)
      REQUIRES(mutex_);
  void AnswerPulled(Ask& ask, const std::vector<double>& factors) REQUIRES(mutex_);

  const int workers_;
  const RuntimeConfig::Consistency consistency_;
  const std::vector<std::string> task_names_;
  GramBoard& planes_;
  const std::function<void(Error)> on_failure_;

  mutable Mutex mutex_;
  std::unique_ptr<LossWeighing> weighing_ GUARDED_BY(mutex_);
  StepPhase phase_ GUARDED_BY(mutex_);
  bool pausing_ GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ GUARDED_BY(mutex_);
  std::optional<Error> found_failure_ GUARDED_BY(mutex_);
  Step observed_step_ GUARDED_BY(mutex_) = 0;         // losses of all steps below are in λ
  std::optional<Step> over_step_ GUARDED_BY(mutex_);  // the phase ended before this step
  Step leased_step_ GUARDED_BY(mutex_) = 0;           // SSP, ASP: next step to lease
  std::map<Step, Round> rounds_ GUARDED_BY(mutex_);
  LabelWeights label_weights_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point began_ GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point moved_ GUARDED_BY(mutex_);
  int64_t rows_ GUARDED_BY(mutex_) = 0;
  StepSums sums_ GUARDED_BY(mutex_);
  std::map<Step, std::vector<double>> granted_ GUARDED_BY(mutex_);  // weights of steps in planes
  std::vector<UpdateFacts> found_facts_ GUARDED_BY(mutex_);  // for planes_, once the lock is free
};

}  // namespace primacy
