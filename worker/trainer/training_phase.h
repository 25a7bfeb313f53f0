// The training loop of a worker between two quiet points. One step is one sentence:
//
//   next batch → unique keys → pull rows and λ → forward → losses → backward with the stage's
//   weights → push
//
// The losses are sent before the backward pass, so that the next step is granted and pulled while
// this one computes.
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
  // The next step, asked for; nothing when there are no more batches.
  Result<std::optional<OpenStep>> Open();
  Status TrainStep(const TrainDirective& directive, OpenStep& open, const StepGrant& grant,
                   std::optional<OpenStep>& next);
  std::shared_ptr<GradientBuffer> FreeGradients(const Batch& batch, bool with_tables);
  Status AwaitPush(bool all);
  void ClipOwnUpdate(GradientBuffer& gradients, bool with_tables) const;
  bool together() const { return options_.job.runtime().consistency() == RuntimeConfig::BSP; }

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
    std::shared_ptr<GradientBuffer> gradients;
    std::shared_ptr<Replies> replies;
  };
  std::deque<InFlight> pushes_;
  std::vector<std::shared_ptr<GradientBuffer>> free_gradients_;
  int64_t clock_ = 0;
  Step step_ = 0;
  TrainResult result_;
};

}  // namespace primacy
