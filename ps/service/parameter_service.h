// Pull and push of one server. Requests are queued to one owner thread, which alone touches the
// parameters.
//
// In BSP a worker sends the keys of its next step ahead. The rows that no step under way touches
// are answered at once, the others with the step's pull, when all updates before it are applied:
// the same bits as if all rows were read then.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "common/base/available_memory.h"
#include "common/base/bounded_queue.h"
#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/transport/transport.h"
#include "ps/service/snapshot_writer.h"
#include "ps/service/step_gate.h"
#include "ps/service/touched_keys.h"
#include "ps/table/gradient_planes.h"
#include "ps/table/parameter_store.h"

namespace primacy {

struct ServiceOptions {
  Job job;  // checked
  int server = 0;
  int servers = 1;
  int workers = 1;
  // Bytes that a copy of the parameters may take beside them.
  std::function<int64_t()> available_memory = [] { return AvailableMemoryBytes(); };
};

// Asks the coordinator for the clipping factor of a step; `done` is called on any thread.
using NormExchange =
    std::function<void(const NormRequest&, std::shared_ptr<std::vector<double>> squares,
                       std::function<void(Result<double>)> done)>;

// Asks the coordinator for the weights of an update in planes; `done` is called on any thread.
using GramExchange =
    std::function<void(const GramRequest&, std::shared_ptr<std::vector<double>> products,
                       std::function<void(Result<GramReply>)> done)>;

// Tells the coordinator that a save has ended; called on the thread that wrote it.
using SavedExchange = std::function<void(const SavedReport&)>;

struct Exchanges {
  NormExchange norm;
  GramExchange gram;
  SavedExchange saved;
};

// Thread safe: every public member hands its work to the owner thread.
class ParameterService {
 public:
  ParameterService(const ServiceOptions& options, Exchanges exchanges);
  ~ParameterService();

  // Called on the transport's thread with kKeys, kPull, kPush and kWorkerIdle.
  void Handle(Message request, Responder responder);
  // Carries out a directive of the coordinator (train, configure, save, restore, reset, evict) and
  // waits for it. A save has ended only where the result has a file; otherwise the parameters of
  // this moment are being written, and Exchanges::saved is called once.
  Result<ServerResult> Execute(const Directive& directive);
  // A save under way is given up, none begins any more, and Exchanges::saved is not called again.
  void GiveUpSave() { saves_.GiveUp(); }

 private:
  struct TableKeys {
    RawBuffer raw;
    std::vector<std::span<const Key>> tables;  // in the memory of `raw`
    std::vector<RowPlaces> places;             // [table]; none where the keys serve once
  };
  // A step of a worker from its first request to its update.
  struct WorkerStep {
    int64_t clock = 0;
    TableKeys keys;
    std::vector<std::vector<uint32_t>> late;  // [table] of keys sent ahead: not answered with them
    std::optional<Responder> waiting_keys;    // not answered yet
    PullRequest pull;
    std::optional<Responder> waiting_pull;
  };
  struct Pushed {
    PushRequest request;
    RawBuffer gradients;
    Responder responder;
  };
  struct WorkerState {
    std::map<Step, WorkerStep> steps;
    std::optional<Pushed> tables;  // of the update to come; a whole push too
    std::optional<Pushed> dense;
    std::vector<float> widened;              // gradients that came in 16 bits
    std::unique_ptr<GradientPlanes> planes;  // SSP, ASP: of the push that waits for its weights
    Step applied_step = -1;  // of the phase's incarnation: repeats are acknowledged, not applied

    bool has_tables() const { return tables.has_value(); }
    bool has_dense() const {
      return dense.has_value() ||
             (tables.has_value() && tables->request.part() == PushRequest::WHOLE);
    }
  };
  // The update under way. In BSP, parts are added in worker order as they come.
  struct Update {
    bool begun = false;
    Step step = 0;
    uint64_t plane_tasks = 0;  // 0: the gradients are no planes
    int tables_added = 0;      // BSP: workers whose gradients are added
    int dense_added = 0;
    bool tables_applied = false;
    bool exchanging = false;   // the coordinator is asked for the norm
    std::vector<int> workers;  // whose pushes are in it
  };

  void OwnerLoop();
  void OnKeys(Message message, Responder responder);
  void OnPull(Message message, Responder responder);
  void OnPush(Message message, Responder responder);
  void OnIdle(const Message& message, Responder responder);
  Status CheckCurrent(uint32_t incarnation, int worker) const;

  size_t Dim(size_t table) const { return dims_[table]; }
  Result<TableKeys> SplitKeys(const google::protobuf::RepeatedField<int64_t>& counts,
                              RawBuffer raw) const;
  // A step whose keys are known. A repeat replaces what it repeats; its answer is made anew. Null
  // when there is nothing more to read for the step: its gradients are here.
  WorkerStep* KeepStep(int worker, Step step, int64_t clock, TableKeys keys);
  // Whether the keys of all updates before `clock` are known.
  bool KnowsKeysBefore(int64_t clock) const;
  void AnswerKeys(WorkerStep& step);
  // `late`, where there is one, has the positions of the keys of each table whose rows are wanted.
  void AnswerPull(const PullRequest& request, const TableKeys& keys,
                  const std::vector<std::vector<uint32_t>>* late, Responder responder);
  // Rows of the keys of a table, or of those at the positions `which`, as they travel; the end of
  // what it wrote.
  std::byte* GatherRows(const TableKeys& keys, size_t table, const std::vector<uint32_t>* which,
                        Precision wire, std::byte* out);
  // Everything that may be answered now.
  void AnswerWaiting();

  // ---- pushes.cc
  Status CheckPush(const Pushed& push, const TableKeys& keys) const;
  // BSP: adds what has come, in worker order; applies what is complete.
  void Advance();
  void UpdateAlone(int worker);
  // False when the phase had to be failed.
  bool BeginWith(int worker, const Pushed& push);
  void AddTables(int worker);
  void AddDense(int worker);
  UpdateOptions OptionsOf(const PushRequest& request, double scale) const;
  // Before the dense gradients are here.
  void ApplyTables();
  void ExchangeNorms();
  void ApplyRestAndAcknowledge(double scale);
  // The update under way cannot be made: it, and everything that waits for it or comes after it in
  // this phase, is answered with `error`.
  void FailPhase(const Error& error);

  // ---- plane_pushes.cc
  static bool IsInPlanes(const std::optional<Pushed>& push) {
    return push.has_value() && push->request.plane_tasks() != 0;
  }
  Status CheckPlanes(const Pushed& push, const TableKeys& keys);
  std::unique_ptr<GradientPlanes> MakePlanes() const;
  void AddPlanes(int worker, GradientPlanes& planes);
  // BSP: adds planes in worker order as they come; asks for weights when all are there.
  void AdvancePlanes();
  // SSP, ASP: each push asks for weights of its own, so that servers need not agree on an order.
  void WeighAlone(int worker);
  // `workers`: whose pushes of `step` are in the planes.
  void ExchangeProducts(GradientPlanes& planes, Step step, std::vector<int> workers);
  void ApplyPlanes(GradientPlanes& planes, Step step, const std::vector<int>& workers,
                   const GramReply& weights);

  // ---- directives.cc
  Result<ServerResult> ExecuteOnOwner(const Directive& directive);
  Status Configure(const ConfigureDirective& configure);
  // The file, where it is whole already.
  Result<std::optional<CheckpointFile>> Save(const SaveDirective& save);
  // Memory for the next copy grows along with the store.
  void FollowSize() {
    if (!options_.job.runtime().save_in_place()) saves_.Follow(*store_);
  }
  void ReportSaved(uint64_t generation, Result<CheckpointFile> file);
  Status Restore(const RestoreDirective& restore);
  // The store forgets what it refused and evicted; this server does not.
  void ResetStore(bool keep_weights);
  void BeginPhase(const TrainDirective& train);
  // Forgets steps and pushes of before, refusing what still waits.
  void ClearRequests();
  // Answers everything that waits with `error`.
  void FailWaiting(const Error& error);

  const ServiceOptions options_;
  const Precision wire_;
  const bool clips_;
  const Exchanges exchanges_;
  const ShardRange shards_;
  std::unique_ptr<ParameterStore> store_;
  std::vector<size_t> dims_;  // [table]
  StepGate gate_;
  std::vector<WorkerState> workers_;
  TouchedKeys touched_;  // BSP
  uint32_t incarnation_ = 0;
  int64_t steps_per_pass_ = 1;
  double table_rate_ = 1;
  Step updates_ = 0;            // applied in this stage
  int64_t refused_before_ = 0;  // before the store was last reset
  int64_t evicted_before_ = 0;
  double gather_seconds_ = 0;
  double apply_seconds_ = 0;
  std::optional<Error> failure_;  // of the phase
  Update update_;
  std::unique_ptr<GradientPlanes> planes_;  // BSP: of the update under way
  std::vector<float> rows_;                 // of an answer, before they are narrowed
  SnapshotWriter saves_;

  BoundedQueue<std::function<void()>> work_;
  std::thread owner_;
};

}  // namespace primacy
