// A worker's view of the servers: begin a step, pull its rows, push its gradients.
//
// Every server's part of a batch is one range of its keys: nothing is re-ordered, and gradients are
// sent from where they were computed. Batches must be built for this number of servers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/huge_pages.h"
#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "common/protocol/dense_layout.h"
#include "common/protocol/messages.pb.h"
#include "common/transport/transport.h"
#include "worker/client/replies.h"
#include "worker/data/batch.h"

namespace primacy {

// Rows of one pull. Alive until the step's gradients are computed.
struct PulledRows {
  std::vector<const float*> tables;   // [table]: [unique, dim]
  std::vector<LargeFloats> gathered;  // storage of `tables` where they were put together here
  std::vector<Message> messages;      // storage of `tables` where they lie as they came
};

// Gradients of one step. Alive until all servers have acknowledged them.
struct GradientBuffer {
  std::vector<LargeFloats> tables;  // [table]: [unique, dim]
  std::vector<float> dense;         // flat
  std::vector<uint32_t> narrow;     // the tables' gradients as they travel, if not as floats
};

// A pull that is under way; the batch is kept alive with it.
class PendingPull {
 public:
  PendingPull(std::shared_ptr<const Batch> batch, int servers)
      : batch(std::move(batch)), replies(servers) {}
  const std::shared_ptr<const Batch> batch;
  Replies replies;
};

// A step that was asked for: its keys ahead, where the job allows it, then the coordinator's word,
// then the rows.
struct PendingStep {
  std::shared_ptr<const Batch> batch;
  std::shared_ptr<Replies> word;      // of the coordinator
  std::shared_ptr<PendingPull> keys;  // rows that no step under way touches; null: not sent ahead
  std::shared_ptr<PendingPull> pull;  // sent when the word is "go": all rows, or the other ones
};

struct StepGrant {
  bool phase_over = false;
  std::vector<double> loss_factor;  // per task
};

struct ClientOptions {
  int worker = 0;
  std::vector<Endpoint> servers;
  TransportOptions transport;
  // How rows of training steps and their gradients travel.
  Precision wire = FP32;
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
  // this thread does meanwhile. keys_ahead (BSP): the keys are sent at once, for the rows that can
  // be read before.
  PendingStep BeginStep(std::shared_ptr<const Batch> batch, int64_t clock,
                        std::span<const double> task_weight, bool keys_ahead);
  Result<StepGrant> AwaitGrant(PendingStep& step);
  // A step that will not be made: waits until the servers are done with its keys.
  Status Abandon(PendingStep& step);
  // Rows of a granted step; dense tensors go to `dense` (flat).
  Result<PulledRows> AwaitRows(PendingStep& step, std::span<float> dense);
  // Gives the memory of rows that are done with back for coming ones.
  void Recycle(PulledRows rows);

  // Rows for evaluation: nothing is counted, and keys without a row read as their initial value.
  std::shared_ptr<PendingPull> PullReadOnly(std::shared_ptr<const Batch> batch, bool want_dense);
  // `dense` empty: they were not asked for.
  Result<PulledRows> Await(PendingPull& pull, std::span<float> dense);

  // Losses of the step, as soon as they are known. Failures show in the next AwaitGrant.
  void SendLosses(Step step, std::span<const double> loss_sum, std::span<const double> weight_sum);

  // What a push says of its step.
  struct PushTerms {
    uint64_t active_tasks = 0;
    bool freeze_shared = false;  // no gradients of tables are sent
  };
  // Sends gradients, whole or in parts (tables first); the returned replies must be waited for
  // before `gradients` is written again. A part sends only its own gradients.
  std::shared_ptr<Replies> Push(const Batch& batch, std::shared_ptr<GradientBuffer> gradients,
                                const PushTerms& terms, PushRequest::Part part);
  // Sends one gradient per task of `plane_tasks`, in rising order, as floats. The same holds for
  // the returned replies.
  std::shared_ptr<Replies> PushPlanes(const Batch& batch,
                                      std::vector<std::shared_ptr<GradientBuffer>> planes,
                                      uint64_t plane_tasks, uint64_t active_tasks);
  // SSP, ASP: the next step to read, or nothing when the phase is over. Thread safe.
  Result<std::optional<Step>> Lease();
  // SSP, ASP: no more steps in this phase. Waits until all servers know.
  Status ReportIdle();

  int64_t bytes_sent() const { return bytes_sent_; }
  int64_t bytes_received() const { return bytes_received_; }

 private:
  ParameterClient(const ClientOptions& options, const ParameterSpec& parameters,
                  std::vector<std::unique_ptr<TransportClient>> clients);
  size_t Dim(size_t table) const {
    return static_cast<size_t>(parameters_.table(static_cast<int>(table)).dim());
  }
  // Unique keys of `table` that `server` owns: [begin, end).
  std::pair<size_t, size_t> RangeOf(const BatchTable& table, int server) const;
  // Keys of the batch that `server` owns; adds their numbers to `counts`.
  RawParts KeysOf(const std::shared_ptr<const Batch>& batch, int server,
                  google::protobuf::RepeatedField<int64_t>& counts);
  void SendKeys(const std::shared_ptr<PendingPull>& keys, const KeysRequest& base);
  void SendPull(const std::shared_ptr<PendingPull>& pull, const PullRequest& base);
  // ---- pulled_rows.cc
  // Room for rows of all tables of `batch`.
  PulledRows MakeRoom(const Batch& batch);
  Result<PulledRows> Collect(PendingPull& pull, Precision wire, std::span<float> dense);
  // The answers to keys and to the pull of the others, put together.
  Result<PulledRows> Join(PendingStep& step, std::span<float> dense);
  // Puts the rows of an answer to keys in their places; the bytes of those that come later.
  Result<size_t> ScatterEarly(const Batch& batch, int server, const RawBuffer& raw,
                              PulledRows& rows);
  // Rows as they travel, one for each of `keys` bits that is (wanted) or is not set, to their
  // places in out [keys, dim]. Returns the end of what it read.
  const std::byte* Scatter(const std::byte* bits, bool wanted, size_t keys, size_t dim,
                           const std::byte* in, float* out);
  Error WrongSize(int server, size_t bytes, size_t expected) const;
  const std::byte* ReadDense(const std::byte* in, int server, std::span<float> dense) const;
  // ---- pushes.cc
  // Fills gradients.narrow, server by server and table by table. Returns their scale, by which the
  // gradients are multiplied in place too.
  float Narrow(const Batch& batch, GradientBuffer& gradients);

  const int worker_;
  const Precision wire_;
  const ParameterSpec parameters_;
  const DenseLayout layout_;
  std::atomic<uint32_t> incarnation_ = 0;
  std::atomic<int64_t> bytes_sent_ = 0;
  int64_t bytes_received_ = 0;
  std::vector<float> widened_;
  std::vector<std::vector<LargeFloats>> spare_;            // of PulledRows.gathered
  std::vector<std::unique_ptr<TransportClient>> clients_;  // last: its threads use the rest
};

}  // namespace primacy
