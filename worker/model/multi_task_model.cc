#include "worker/model/multi_task_model.h"

#include <algorithm>
#include <utility>

namespace primacy {

MultiTaskModel::MultiTaskModel(const Architecture& architecture, const InputSpec& input)
    : tasks_(input.tasks),
      has_dropout_(architecture.dropout > 0),
      input_(input, architecture.mean_pooling ? Pooling::kMean : Pooling::kSum,
             architecture.compute),
      plan_(MakeExpertPlan(architecture, input.tasks)) {
  AddTables(architecture, input);
  const Element compute = architecture.compute;
  size_t width = input_.width();
  if (!architecture.bottom.empty()) {
    const int owner = tasks_.size() == 1 ? 0 : -1;
    bottom_ = std::make_unique<ParallelMlp>(
        std::vector<MlpMember>{{"bottom", width, architecture.bottom, owner}},
        MlpShape{.linear_output = architecture.linear_bottom,
                 .dropout = architecture.dropout,
                 .compute = compute,
                 .outputs = compute},
        tensors_);
    width = architecture.bottom.back();
  }
  for (const LevelPlan& level : plan_.levels) {
    levels_.emplace_back(level, width, architecture.expert, compute, tensors_);
    width = levels_.back().width();
  }
  std::vector<MlpMember> towers;
  for (size_t t = 0; t < tasks_.size(); ++t) {
    const size_t outputs = tasks_[t].loss == TaskConfig::SOFTMAX ? tasks_[t].classes : 1;
    std::vector<size_t> layers = architecture.tower;
    layers.push_back(outputs);
    towers.push_back({"tower/" + tasks_[t].name, width, std::move(layers), static_cast<int>(t)});
    outputs_per_row_ += outputs;
  }
  towers_ = std::make_unique<ParallelMlp>(
      std::move(towers),
      MlpShape{.linear_output = true, .dropout = architecture.dropout, .compute = compute},
      tensors_);

  layout_ = DenseLayout(tensors_.spec());
  if (bottom_ != nullptr) bottom_->Bind(layout_);
  for (ExpertLevel& level : levels_) level.Bind(layout_);
  towers_->Bind(layout_);
  streams_.resize(levels_.size() + 1);
}

void MultiTaskModel::AddTables(const Architecture& architecture, const InputSpec& input) {
  for (const int dim : input.table_dims) {
    TableSpec& table = *tensors_.spec().add_table();
    table.set_dim(dim);
    table.set_init_stddev(static_cast<float>(architecture.embedding_stddev));
  }
}

std::span<const float> MultiTaskModel::Forward(const Batch& batch, const ParameterView& parameters,
                                               const ForwardOptions& options) {
  CHECK_EQ(parameters.dense.size(), layout_.flat_size());
  step_ = {batch.rows, parameters.dense.data(), options.training && has_dropout_,
           options.dropout_seed, batch.row_sequence};
  active_.assign(tasks_.size(), false);
  for (size_t t = 0; t < tasks_.size(); ++t) active_[t] = (options.active_tasks >> t & 1) != 0;

  BeginForward();
  ForEachTile(batch.rows, [&](const Tile& tile) {
    input_.ForwardTile(batch, parameters.tables, tile);
    if (bottom_ != nullptr) bottom_->ForwardTile(step_, tile);
    for (ExpertLevel& level : levels_) level.ForwardTile(step_, tile);
    towers_->ForwardTile(step_, tile);
  });
  for (size_t t = 0; t < tasks_.size(); ++t) {
    if (active_[t]) continue;
    const Matrix scores = towers_->output(t).floats();
    for (size_t i = 0; i < scores.rows; ++i) std::fill_n(scores.row(i), scores.cols, 0.0f);
  }
  const Matrix outputs = towers_->outputs().floats();
  return {outputs.data, outputs.rows * outputs.cols};
}

void MultiTaskModel::BeginForward() {
  const ConstOperand x = input_.BeginForward(step_.rows);
  streams_[0] = {x};
  if (bottom_ != nullptr) {
    bottom_->BeginForward(step_, {&x, 1}, {true});
    streams_[0] = {bottom_->output(0)};
  }
  const std::vector<LevelRoute> route = RouteTasks(plan_, active_);
  for (size_t l = 0; l < levels_.size(); ++l) {
    levels_[l].BeginForward(step_, streams_[l], route[l], streams_[l + 1]);
  }
  tower_inputs_.clear();
  for (const int stream : plan_.tower_input) tower_inputs_.push_back(streams_.back()[stream]);
  towers_->BeginForward(step_, tower_inputs_, active_);
}

Targets MultiTaskModel::TargetsOf(const Batch& batch, size_t task) const {
  CHECK_EQ(batch.rows, step_.rows) << "not the batch of the last Forward";
  CHECK_EQ(batch.labels.size(), batch.rows * tasks_.size());
  CHECK_EQ(batch.weights.size(), batch.rows * tasks_.size());
  return {batch.labels.data() + task, batch.weights.data() + task, tasks_.size()};
}

LossSums MultiTaskModel::Losses(const Batch& batch) {
  LossSums sums;
  sums.loss.assign(tasks_.size(), 0.0);
  sums.weight.assign(tasks_.size(), 0.0);
  for (size_t t = 0; t < tasks_.size(); ++t) {
    if (!active_[t]) continue;
    const LossSum sum =
        SumLoss(LossKindOf(tasks_[t].loss), towers_->output(t).floats(), TargetsOf(batch, t));
    sums.loss[t] = sum.loss;
    sums.weight[t] = sum.weight;
  }
  return sums;
}

void MultiTaskModel::BackwardRows(const Batch& batch, const ParameterView& parameters,
                                  std::span<const double> loss_factor,
                                  std::span<float* const> table_gradients) {
  CHECK_EQ(loss_factor.size(), tasks_.size());
  step_.dense = parameters.dense.data();

  ActiveMask live(tasks_.size(), false);
  for (size_t t = 0; t < tasks_.size(); ++t) live[t] = active_[t] && loss_factor[t] != 0;

  const bool wants_tables = !table_gradients.empty() && input_.embedding_width() > 0;
  GradientTarget x_target;
  if (wants_tables) {
    input_.BeginBackward(batch, table_gradients);
    x_target.matrix = input_.TileGradient();
  }
  BeginBackward(live, wants_tables ? &x_target : nullptr);
  ForEachTile(batch.rows, [&](const Tile& tile) {
    LossGradients(batch, tile, loss_factor, live);
    towers_->BackwardTile(tile);
    for (size_t l = levels_.size(); l-- > 0;) levels_[l].BackwardTile(tile);
    if (bottom_ != nullptr) bottom_->BackwardTile(tile);
    if (x_target.written) input_.BackwardTile(batch, tile, table_gradients);
  });
}

void MultiTaskModel::BackwardDense(std::span<float> dense_gradient) {
  CHECK_EQ(dense_gradient.size(), layout_.flat_size());
  std::fill(dense_gradient.begin(), dense_gradient.end(), 0.0f);
  towers_->BackwardDense(dense_gradient.data());
  for (ExpertLevel& level : levels_) level.BackwardDense(dense_gradient.data());
  if (bottom_ != nullptr) bottom_->BackwardDense(dense_gradient.data());
}

void MultiTaskModel::LossGradients(const Batch& batch, const Tile& tile,
                                   std::span<const double> loss_factor, const ActiveMask& live) {
  const Matrix all = towers_->OutputGradient().Rows(0, tile.rows);
  for (size_t t = 0; t < tasks_.size(); ++t) {
    if (!live[t]) continue;
    const ConstMatrix scores = towers_->output(t).Rows(tile.begin, tile.rows).floats();
    LossGradient(LossKindOf(tasks_[t].loss), scores, TargetsOf(batch, t).From(tile.begin),
                 loss_factor[t], all.Columns(towers_->output_column(t), scores.cols));
  }
}

void MultiTaskModel::BeginBackward(const ActiveMask& live, GradientTarget* input_target) {
  // Targets of streams_[0]: the bottom's output gradient, or the input's when there is no bottom.
  GradientTarget bottom_target;
  std::vector<GradientTarget*> lowest = {input_target};
  if (bottom_ != nullptr) {
    bottom_target.matrix = bottom_->PrepareOutputGradient(step_);
    lowest = {&bottom_target};
  }
  std::vector<std::vector<GradientTarget*>> targets = {lowest};
  for (ExpertLevel& level : levels_) {
    targets.emplace_back();
    for (GradientTarget& target : level.PrepareOutputGradients(step_)) {
      targets.back().push_back(&target);
    }
  }

  std::vector<GradientTarget*> tower_targets;
  for (const int stream : plan_.tower_input) tower_targets.push_back(targets.back()[stream]);
  towers_->BeginBackward(step_, tower_targets, live);
  const std::vector<LevelRoute> route = RouteTasks(plan_, live);
  for (size_t l = levels_.size(); l-- > 0;) {
    levels_[l].BeginBackward(step_, targets[l], route[l]);
  }
  if (bottom_ == nullptr) return;
  bottom_->BeginBackward(step_, {&input_target, 1}, {bottom_target.written});
}

LossKind LossKindOf(TaskConfig::Loss loss) {
  if (loss == TaskConfig::SQUARED) return LossKind::kSquared;
  if (loss == TaskConfig::SOFTMAX) return LossKind::kSoftmax;
  return LossKind::kLogistic;
}

}  // namespace primacy
