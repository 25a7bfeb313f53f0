// The one implementation of Model: input → bottom → levels of experts → towers, each optional but
// the first and the last.
#pragma once

#include <memory>
#include <vector>

#include "worker/model/architecture.h"
#include "worker/model/embedding_input.h"
#include "worker/model/expert_level.h"
#include "worker/model/expert_plan.h"
#include "worker/model/model.h"
#include "worker/model/parallel_mlp.h"
#include "worker/nn/loss.h"

namespace primacy {

class MultiTaskModel final : public Model {
 public:
  MultiTaskModel(const Architecture& architecture, const InputSpec& input);

  const ParameterSpec& parameters() const override { return tensors_.spec(); }
  std::span<const float> Forward(const Batch& batch, const ParameterView& parameters,
                                 const ForwardOptions& options) override;
  size_t outputs_per_row() const override { return outputs_per_row_; }
  size_t output_column(int task) const override { return towers_->output_column(task); }
  LossSums Losses(const Batch& batch) override;
  void BackwardRows(const Batch& batch, const ParameterView& parameters,
                    std::span<const double> loss_factor,
                    std::span<float* const> table_gradients) override;
  void BackwardDense(std::span<float> dense_gradient) override;

 private:
  // Everything below a tower that one pass through the network reads or writes, level by level:
  // streams_[0] is below the first level, streams_[l + 1] above level l.
  using Streams = std::vector<std::vector<ConstOperand>>;

  void AddTables(const Architecture& architecture, const InputSpec& input);
  // Of all parts above the input, in the order of the data.
  void BeginForward();
  Targets TargetsOf(const Batch& batch, size_t task) const;
  // Of all parts above the input, against the order of the data: whether a part overwrites its
  // input's gradient or adds to it is the same for every tile.
  void BeginBackward(const ActiveMask& live, GradientTarget* input_target);
  // Gradients of the towers' outputs.
  void LossGradients(const Batch& batch, const Tile& tile, std::span<const double> loss_factor,
                     const ActiveMask& live);

  const std::vector<InputTask> tasks_;
  const bool has_dropout_;
  TensorList tensors_;
  EmbeddingInput input_;
  std::unique_ptr<ParallelMlp> bottom_;  // null: none
  ExpertPlan plan_;
  std::vector<ExpertLevel> levels_;
  std::unique_ptr<ParallelMlp> towers_;
  DenseLayout layout_;
  size_t outputs_per_row_ = 0;

  // Of the last Forward.
  StepContext step_;
  ActiveMask active_;  // [task]
  Streams streams_;
  std::vector<ConstOperand> tower_inputs_;
};

LossKind LossKindOf(TaskConfig::Loss loss);

}  // namespace primacy
