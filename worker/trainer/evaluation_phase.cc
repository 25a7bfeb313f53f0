#include "worker/trainer/evaluation_phase.h"

#include <chrono>
#include <optional>
#include <utility>

#include "worker/data/evaluation_reader.h"
#include "worker/metrics/evaluation.h"
#include "worker/metrics/group_losses.h"
#include "worker/trainer/prediction_file.h"

namespace primacy {
namespace {

EvaluationSpec MakeSpec(const EvaluateDirective& directive, const InputSpec& input) {
  EvaluationSpec spec;
  spec.losses_only = directive.losses_only();
  for (size_t t = 0; t < input.tasks.size(); ++t) {
    const bool active = directive.active_tasks() >> t & 1;
    spec.tasks.push_back({input.tasks[t].name, input.tasks[t].loss, active});
  }
  return spec;
}

// One batch whose rows have been asked for.
struct Ahead {
  uint32_t block = 0;
  std::shared_ptr<PendingPull> pull;
};

class Scorer {
 public:
  Scorer(const InputSpec& input, const Model& model) : input_(input), model_(model) {}

  // Predictions, losses and labels of the batch, by the model's raw outputs. Valid until the next
  // call.
  ScoredRows Score(const Batch& batch, std::span<const float> outputs, uint64_t active_tasks) {
    const size_t tasks = input_.tasks.size();
    predictions_.assign(batch.rows * tasks, 0);
    losses_.assign(batch.rows * tasks, 0);
    for (size_t t = 0; t < tasks; ++t) {
      if (!(active_tasks >> t & 1)) continue;
      const InputTask& task = input_.tasks[t];
      const size_t width = task.loss == TaskConfig::SOFTMAX ? static_cast<size_t>(task.classes) : 1;
      for (size_t row = 0; row < batch.rows; ++row) {
        const auto scores = outputs.subspan(
            row * model_.outputs_per_row() + model_.output_column(static_cast<int>(t)), width);
        predictions_[row * tasks + t] = Prediction(task, scores);
        // A label without weight may be anything.
        if (batch.weights[row * tasks + t] == 0) continue;
        losses_[row * tasks + t] = RowLoss(task, scores, batch.labels[row * tasks + t]);
      }
    }
    return {batch.rows, predictions_, losses_, batch.labels, batch.weights, batch.group_ids};
  }

 private:
  const InputSpec& input_;
  const Model& model_;
  std::vector<float> predictions_;
  std::vector<double> losses_;
};

// Collective. On worker 0, remembers the losses of the slice and compares them as the directive
// says.
Status FollowLosses(const EvaluateDirective& directive, const GroupLossPart& part,
                    uint32_t block_count, Cluster& group, LossMemory& memory,
                    EvaluateResult& result) {
  const uint64_t wanted = directive.remember_losses() | directive.compare_losses();
  if (wanted == 0) return Ok();
  PRIMACY_ASSIGN(const std::vector<std::string> parts, group.Gather(part.Serialize(), 0));
  if (group.rank() != 0) return Ok();
  const auto tasks = static_cast<size_t>(result.task_size());
  PRIMACY_ASSIGN(const GroupLosses losses, MergeGroupLosses(tasks, wanted, block_count, parts));
  for (size_t t = 0; t < tasks; ++t) {
    if (!(directive.compare_losses() >> t & 1)) continue;
    PRIMACY_ASSIGN(*result.mutable_task(static_cast<int>(t))->mutable_difference(),
                   memory.Compare(losses, t));
  }
  return memory.Remember(losses, directive.remember_losses());
}

}  // namespace

Result<EvaluateResult> RunEvaluation(const EvaluateDirective& directive, const InputSpec& input,
                                     const WorkerLog::Slice& slice, Cluster& group, Model& model,
                                     ParameterClient& client, LossMemory& memory) {
  const auto began = std::chrono::steady_clock::now();
  client.set_incarnation(directive.incarnation());
  const EvaluationSpec spec = MakeSpec(directive, input);
  EvaluationReader reader(
      slice.cached, input,
      {.rank = group.rank(), .workers = group.size(), .servers = client.servers()});
  EvaluationPart part(spec);
  const uint64_t followed = directive.remember_losses() | directive.compare_losses();
  GroupLossPart losses(spec.tasks.size(), followed);
  Scorer scorer(input, model);
  std::unique_ptr<PredictionFile> predictions;
  if (!directive.predictions_dir().empty()) {
    PRIMACY_ASSIGN(predictions, PredictionFile::Create(directive.predictions_dir(), group.rank(),
                                                       input, directive.active_tasks()));
  }
  std::vector<float> dense(client.layout().flat_size());
  bool dense_wanted = true;
  const auto ask = [&]() -> Result<std::optional<Ahead>> {
    PRIMACY_ASSIGN(std::optional<EvaluationBatch> batch, reader.Next());
    if (!batch.has_value()) return std::optional<Ahead>();
    auto shared = std::make_shared<Batch>(std::move(batch->batch));
    const bool want_dense = std::exchange(dense_wanted, false);
    return std::optional<Ahead>(
        Ahead{batch->block, client.PullReadOnly(std::move(shared), want_dense)});
  };

  ForwardOptions forward;
  forward.active_tasks = directive.active_tasks();
  bool first = true;
  PRIMACY_ASSIGN(std::optional<Ahead> current, ask());
  while (current.has_value()) {
    PRIMACY_ASSIGN(std::optional<Ahead> next, ask());
    const Batch& batch = *current->pull->batch;
    const bool has_dense = std::exchange(first, false);
    PRIMACY_ASSIGN(PulledRows rows, client.Await(*current->pull, has_dense ? std::span<float>(dense)
                                                                           : std::span<float>()));
    const std::span<const float> outputs = model.Forward(batch, {rows.tables, dense}, forward);
    const ScoredRows scored = scorer.Score(batch, outputs, directive.active_tasks());
    part.Add(current->block, scored);
    if (followed != 0) losses.Add(current->block, scored);
    client.Recycle(std::move(rows));
    if (predictions != nullptr) PRIMACY_TRY(predictions->Append(batch, scored.predictions));
    current = std::move(next);
  }
  if (predictions != nullptr) PRIMACY_TRY(predictions->Finish());
  PRIMACY_ASSIGN(const std::vector<std::string> parts, group.Gather(part.Serialize(), 0));
  const uint32_t blocks = slice.cached.source->block_count();
  EvaluateResult result;
  if (group.rank() == 0) {
    PRIMACY_ASSIGN(result, MergeEvaluation(spec, blocks, parts));
  }
  PRIMACY_TRY(FollowLosses(directive, losses, blocks, group, memory, result));
  if (group.rank() != 0) return EvaluateResult();
  result.set_slice(directive.slice());
  result.set_rows(static_cast<int64_t>(slice.directory->rows()));
  result.set_seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return result;
}

}  // namespace primacy
