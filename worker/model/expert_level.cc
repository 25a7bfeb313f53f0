#include "worker/model/expert_level.h"

#include <utility>

#include "worker/nn/bfloat16.h"

namespace primacy {

ExpertLevel::ExpertLevel(const LevelPlan& plan, size_t input_width,
                         const std::vector<size_t>& layers, Element compute, TensorList& tensors)
    : plan_(plan), width_(layers.back()), compute_(compute) {
  std::vector<MlpMember> experts;
  for (const ExpertNode& expert : plan.experts) {
    experts.push_back({expert.name, input_width, layers, expert.owner});
  }
  experts_ = std::make_unique<ParallelMlp>(
      std::move(experts), MlpShape{.compute = compute, .outputs = compute}, tensors);
  std::vector<MlpMember> gates;
  for (const GateNode& gate : plan.gates) {
    gates.push_back({gate.name, input_width, {gate.experts.size()}, gate.owner});
  }
  scores_ = std::make_unique<ParallelMlp>(
      std::move(gates), MlpShape{.linear_output = true, .number_layers = false, .compute = compute},
      tensors);
  for (size_t g = 0; g < plan.gates.size(); ++g) {
    all_gates_.push_back({scores_->output_column(g), plan.gates[g].experts, g * width_});
  }
}

void ExpertLevel::Bind(const DenseLayout& layout) {
  experts_->Bind(layout);
  scores_->Bind(layout);
}

void ExpertLevel::Select(const LevelRoute& route) {
  gates_.clear();
  ranges_.clear();
  for (size_t g = 0; g < all_gates_.size(); ++g) {
    if (!route.gates[g]) continue;
    gates_.push_back(all_gates_[g]);
    ranges_.push_back({all_gates_[g].probability_column, all_gates_[g].experts.size()});
  }
}

void ExpertLevel::BeginForward(const StepContext& step, std::span<const ConstOperand> inputs,
                               const LevelRoute& route, std::vector<ConstOperand>& outputs) {
  Select(route);
  expert_inputs_.clear();
  gate_inputs_.clear();
  for (const ExpertNode& expert : plan_.experts) expert_inputs_.push_back(inputs[expert.input]);
  for (const GateNode& gate : plan_.gates) gate_inputs_.push_back(inputs[gate.input]);
  experts_->BeginForward(step, expert_inputs_, route.experts);
  scores_->BeginForward(step, gate_inputs_, route.gates);
  output_ = output_buffer_.Resize(step.rows, plan_.gates.size() * width_, compute_);
  outputs.clear();
  for (const Gate& gate : all_gates_)
    outputs.push_back(output_.Columns(gate.output_column, width_));
}

void ExpertLevel::ForwardTile(const StepContext& step, const Tile& tile) {
  experts_->ForwardTile(step, tile);
  scores_->ForwardTile(step, tile);
  const Matrix scores = scores_->outputs().Rows(tile.begin, tile.rows).floats();
  Softmax(scores, ranges_);
  const Operand output = output_.Rows(tile.begin, tile.rows);
  const Matrix mixed =
      compute_ == Element::kFp32 ? output.floats() : mixed_buffer_.Resize(output.rows, output.cols);
  MixForward(gates_, width_, scores, experts_->outputs().Rows(tile.begin, tile.rows), mixed);
  if (compute_ != Element::kFp32) Convert(mixed, output);
}

std::span<GradientTarget> ExpertLevel::PrepareOutputGradients(const StepContext& step) {
  output_gradient_ = output_gradient_buffer_.Resize(TileRowsMax(step.rows), output_.cols);
  output_targets_.clear();
  for (const Gate& gate : all_gates_) {
    output_targets_.push_back({output_gradient_.Columns(gate.output_column, width_), false});
  }
  return output_targets_;
}

void ExpertLevel::BeginBackward(const StepContext& step,
                                std::span<GradientTarget* const> input_gradients,
                                const LevelRoute& route) {
  Select(route);
  for (size_t g = 0; g < plan_.gates.size(); ++g) {
    CHECK(!route.gates[g] || output_targets_[g].written) << plan_.gates[g].name;
  }
  expert_targets_.clear();
  gate_targets_.clear();
  for (const ExpertNode& expert : plan_.experts)
    expert_targets_.push_back(input_gradients[expert.input]);
  for (const GateNode& gate : plan_.gates) gate_targets_.push_back(input_gradients[gate.input]);
  experts_->BeginBackward(step, expert_targets_, route.experts);
  scores_->BeginBackward(step, gate_targets_, route.gates);
}

void ExpertLevel::BackwardTile(const Tile& tile) {
  const auto of_tile = [&](const Operand& matrix) { return matrix.Rows(tile.begin, tile.rows); };
  const Matrix score_gradient = scores_->OutputGradient().Rows(0, tile.rows);
  const Matrix scores = of_tile(scores_->outputs()).floats();
  MixBackward(gates_, width_, scores, of_tile(experts_->outputs()),
              output_gradient_.Rows(0, tile.rows), score_gradient,
              experts_->OutputGradient().Rows(0, tile.rows));
  SoftmaxBackward(scores, ranges_, score_gradient);
  experts_->BackwardTile(tile);
  scores_->BackwardTile(tile);
}

void ExpertLevel::BackwardDense(float* dense_gradient) {
  experts_->BackwardDense(dense_gradient);
  scores_->BackwardDense(dense_gradient);
}

}  // namespace primacy
