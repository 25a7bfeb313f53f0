// The training loop of a worker between two quiet points. One step is one sentence:
//
//   next batch → unique keys → pull rows and λ → forward → losses → backward with the stage's
//   weights → push
//
// What others wait for goes out as early as it can: in BSP the keys of the next step before this
// one is computed, the losses before the backward pass, the table rows' gradients before those of
// the dense tensors are computed.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/config/job.pb.h"
#include "worker/client/parameter_client.h"
#include "worker/data/batch_reader.h"
#include "worker/model/model.h"
#include "worker/trainer/worker_log.h"

namespace primacy {

struct TrainerOptions {
  Job job;  // checked
  int rank = 0;
  int workers = 1;
};

// Keeps its reader over phases in BSP, so that batches read ahead are not lost at a quiet point.
// Not thread safe.
class Trainer {
 public:
  Trainer(const TrainerOptions& options, const InputSpec& input, const WorkerLog::Slice& train,
          Model& model, ParameterClient& client);

  // Trains until the coordinator ends the phase. All pushes are acknowledged when it returns.
  Result<TrainResult> Run(const TrainDirective& directive);
  // Step in progress, for heartbeats.
  Step step() const { return step_; }

 private:
  struct OpenStep {
    PendingStep pending;
    std::shared_ptr<Batch> batch;
  };

  void OpenReader(const TrainDirective& directive);
  // The next step, asked for; nothing when there are no more batches. With wait = false nothing,
  // too, when the next batch is not ready.
  enum class Wait { kNo, kYes };
  Result<std::optional<OpenStep>> Open(Wait wait);
  // The next batch, whose memory goes back to the reader.
  Result<std::shared_ptr<Batch>> NextBatch(Wait wait);
  Status TrainStep(const TrainDirective& directive, OpenStep& open, const StepGrant& grant,
                   std::optional<OpenStep>& next);
  void Backward(const TrainDirective& directive, const Batch& batch,
                const ParameterView& parameters, const StepGrant& grant);
  // One backward pass per task with a factor other than 0; false when there is none.
  bool BackwardInPlanes(const TrainDirective& directive, const Batch& batch,
                        const ParameterView& parameters, const StepGrant& grant);
  void Count(const Batch& batch);
  std::shared_ptr<GradientBuffer> FreeGradients(const Batch& batch, bool with_tables);
  // Waits until at most `keep` pushes are under way.
  Status AwaitPushes(size_t keep);
  void ClipOwnUpdate(const Batch& batch, GradientBuffer& gradients, bool with_tables) const;
  StepTimes& times() { return *result_.mutable_times(); }
  // Whether all workers take every step of the phase, each its slice: BSP.
  bool together() const { return together_; }

  const TrainerOptions options_;
  const InputSpec& input_;
  const WorkerLog::Slice train_;
  Model& model_;
  ParameterClient& client_;

  std::unique_ptr<BatchReader> reader_;
  int reader_stage_ = -1;
  uint32_t reader_incarnation_ = 0;
  Step reader_next_ = 0;         // BSP: step of the next batch that Open takes
  std::shared_ptr<Batch> held_;  // BSP: taken from the reader, its step not begun yet
  std::vector<float> dense_;     // flat parameters
  struct InFlight {
    std::vector<std::shared_ptr<GradientBuffer>> gradients;  // one, or one per plane
    std::vector<std::shared_ptr<Replies>> parts;
  };
  std::deque<InFlight> pushes_;
  std::vector<std::shared_ptr<GradientBuffer>> free_gradients_;
  bool together_ = true;
  int64_t clock_ = 0;
  Step step_ = 0;
  TrainResult result_;
};

}  // namespace primacy
