// A worker's view of the servers: begin a step, pull its rows, push its gradients.
//
// The keys of a batch are sorted by virtual shard and servers own ranges of virtual shards, so
// every server's part of a batch is one range: nothing is re-ordered, and gradients are sent from
// where they were computed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/protocol/dense_layout.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"
#include "worker/client/replies.h"
#include "worker/data/batch.h"

namespace primacy {

// Rows and dense tensors of one pull.
struct PulledParameters {
  std::vector<const float*> tables;  // [table]: [unique, dim]
  std::vector<std::vector<float>>
      gathered;                   // storage of `tables` where several servers contributed
  std::vector<Message> messages;  // storage of `tables` where one server did
};

// Gradients of one step. Alive until all servers have acknowledged them.
struct GradientBuffer {
  std::vector<std::vector<float>> tables;  // [table]: [unique, dim]
  std::vector<float> dense;                // flat
};

// A pull that is under way; the batch is kept alive with it.
class PendingPull {
 public:
  PendingPull(std::shared_ptr<const Batch> batch, int servers)
      : batch(std::move(batch)), replies(servers) {}
  const std::shared_ptr<const Batch> batch;
  Replies replies;
};

// A step that was asked for: first the coordinator's word, then the rows.
struct PendingStep {
  std::shared_ptr<const Batch> batch;
  int64_t clock = 0;
  std::shared_ptr<Replies> word;      // of the coordinator
  std::shared_ptr<PendingPull> pull;  // sent when the word is "go"
};

struct StepGrant {
  bool phase_over = false;
  std::vector<double> loss_factor;  // per task
};

struct ClientOptions {
  int worker = 0;
  std::vector<Endpoint> servers;
  TransportOptions transport;
};

// Not thread safe: for the training thread (Lease: for the reader's).
class ParameterClient {
 public:
  static Result<std::unique_ptr<ParameterClient>> Connect(const ClientOptions& options,
                                                          const ParameterSpec& parameters);

  const DenseLayout& layout() const { return layout_; }
  int servers() const { return static_cast<int>(clients_.size()); }
  void set_incarnation(uint32_t incarnation) { incarnation_ = incarnation; }

  // Asks for a step of training: as soon as the coordinator grants it, the pull is sent, whatever
  // this thread does meanwhile.
  PendingStep BeginStep(std::shared_ptr<const Batch> batch, int64_t clock,
                        std::span<const double> task_weight);
  Result<StepGrant> AwaitGrant(PendingStep& step);
  // Rows of a granted step; dense tensors go to `dense` (flat).
  Result<PulledParameters> AwaitRows(PendingStep& step, std::span<float> dense);

  // Rows for evaluation: nothing is counted, and keys without a row read as their initial value.
  std::shared_ptr<PendingPull> PullReadOnly(std::shared_ptr<const Batch> batch, bool want_dense);
  // `dense` empty: they were not asked for.
  Result<PulledParameters> Await(PendingPull& pull, std::span<float> dense);

  // Losses of the step, as soon as they are known. Failures show in the next AwaitGrant.
  void SendLosses(Step step, std::span<const double> loss_sum, std::span<const double> weight_sum);
  // Sends the gradients; the returned replies must be waited for before `gradients` is written
  // again.
  std::shared_ptr<Replies> Push(const Batch& batch, std::shared_ptr<const GradientBuffer> gradients,
                                uint64_t active_tasks, bool freeze_shared);
  // SSP, ASP: the next step to read, or nothing when the phase is over. Thread safe.
  Result<std::optional<Step>> Lease();
  // SSP, ASP: no more steps in this phase. Waits until all servers know.
  Status ReportIdle();

  int64_t bytes_sent() const { return bytes_sent_; }
  int64_t bytes_received() const { return bytes_received_; }

 private:
  ParameterClient(const ClientOptions& options, const ParameterSpec& parameters,
                  std::vector<std::unique_ptr<TransportClient>> clients);
  // Unique keys of `table` that `server` owns: [begin, end).
  std::pair<size_t, size_t> RangeOf(const BatchTable& table, int server) const;
  void SendPull(const std::shared_ptr<PendingPull>& pull, const PullRequest& base);

  const int worker_;
  const ParameterSpec parameters_;
  const DenseLayout layout_;
  std::atomic<uint32_t> incarnation_ = 0;
  std::atomic<int64_t> bytes_sent_ = 0;
  int64_t bytes_received_ = 0;
  std::vector<std::unique_ptr<TransportClient>> clients_;  // last: its threads use the rest
};

}  // namespace primacy
