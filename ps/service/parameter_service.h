// Pull and push of one server. Requests are queued to one owner thread, which alone touches the
// parameters.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "common/base/bounded_queue.h"
#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/transport/transport.h"
#include "ps/service/step_gate.h"
#include "ps/table/parameter_store.h"

namespace primacy {

struct ServiceOptions {
  Job job;  // checked
  int server = 0;
  int servers = 1;
  int workers = 1;
};

// Asks the coordinator for the clipping factor of a step; `done` is called on any thread.
using NormExchange =
    std::function<void(const NormRequest&, std::shared_ptr<std::vector<double>> squares,
                       std::function<void(Result<double>)> done)>;

// Thread safe: every public member hands its work to the owner thread.
class ParameterService {
 public:
  ParameterService(const ServiceOptions& options, NormExchange norm_exchange);
  ~ParameterService();

  // Called on the transport's thread with kPull, kPush and kWorkerIdle.
  void Handle(Message request, Responder responder);
  // Carries out a directive of the coordinator (train, configure, save, restore, reset, evict) and
  // waits for it.
  Result<ServerResult> Execute(const Directive& directive);

 private:
  // A pull of a training step: its keys serve the push of the same step again.
  struct Pulled {
    PullRequest request;
    RawBuffer keys;
    std::vector<std::span<const Key>> tables;
    std::optional<Responder> waiting;  // not answered yet
  };
  struct Pushed {
    PushRequest request;
    RawBuffer gradients;
    Responder responder;
  };
  struct WorkerState {
    std::map<Step, Pulled> pulls;  // until their push is applied
    std::optional<Pushed> push;    // BSP: waits for the other workers' push of the step
    Step applied_step = -1;  // of the phase's incarnation: repeats are acknowledged, not applied
  };

  void OwnerLoop();
  void OnPull(Message message, Responder responder);
  void OnPush(Message message, Responder responder);
  void OnIdle(const Message& message, Responder responder);
  Status CheckCurrent(uint32_t incarnation, int worker) const;

  Result<std::vector<std::span<const Key>>> SplitKeys(const PullRequest& request,
                                                      const RawBuffer& keys) const;
  void AnswerPull(const PullRequest& request, const std::vector<std::span<const Key>>& tables,
                  Responder responder) const;
  void AnswerWaitingPulls();
  Status CheckPush(const Pushed& push, const Pulled& pulled) const;

  // An update: accumulate, clip, apply, acknowledge.
  void UpdateTogether();
  void UpdateAlone(int worker);
  void AccumulatePush(const Pulled& pulled, const Pushed& push);
  void ExchangeNorms(Step step);
  void ApplyAndAcknowledge(double scale);
  // The update under way cannot be made: it, and everything that waits for it or comes after it in
  // this phase, is answered with `error`.
  void FailPhase(const Error& error);

  Result<ServerResult> ExecuteOnOwner(const Directive& directive);
  Status Configure(const ConfigureDirective& configure);
  Status Restore(const RestoreDirective& restore);
  // The store forgets what it refused and evicted; this server does not.
  void ResetStore(bool keep_weights);
  void BeginPhase(const TrainDirective& train);
  // Forgets pulls and pushes of before, refusing what still waits.
  void ClearRequests();

  const ServiceOptions options_;
  const NormExchange norm_exchange_;
  const ShardRange shards_;
  std::unique_ptr<ParameterStore> store_;
  StepGate gate_;
  std::vector<WorkerState> workers_;
  uint32_t incarnation_ = 0;
  int64_t steps_per_pass_ = 1;
  Step updates_ = 0;            // applied in this stage
  int64_t refused_before_ = 0;  // before the store was last reset
  int64_t evicted_before_ = 0;
  std::optional<Error> failure_;  // of the phase
  std::vector<int> updating_;     // workers whose pushes are in the update under way

  BoundedQueue<std::function<void()>> work_;
  std::thread owner_;
};

}  // namespace primacy
