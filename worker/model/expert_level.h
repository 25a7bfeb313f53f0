// One level of experts and the gates that mix them.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "worker/model/expert_plan.h"
#include "worker/model/parallel_mlp.h"
#include "worker/nn/gate.h"
#include "worker/nn/softmax.h"

namespace primacy {

// Not thread safe.
class ExpertLevel {
 public:
  // input_width: columns of every stream below. layers: of each expert. compute: elements of the
  // streams below and above.
  ExpertLevel(const LevelPlan& plan, size_t input_width, const std::vector<size_t>& layers,
              Element compute, TensorList& tensors);
  void Bind(const DenseLayout& layout);

  // Columns of every stream above.
  size_t width() const { return width_; }

  // inputs[stream below] [rows, input_width]. Fills outputs[stream above] of the route's gates;
  // others are undefined.
  void Forward(const StepContext& step, std::span<const ConstOperand> inputs,
               const LevelRoute& route, std::vector<ConstOperand>& outputs);

  // One target per stream above, of the last Forward's rows; those of the route's gates must have
  // been written at BackwardInputs.
  std::span<GradientTarget> PrepareOutputGradients();

  // First half of the backward pass: adds to input_gradients[stream below] unless that is null.
  void BackwardInputs(const StepContext& step, std::span<GradientTarget* const> input_gradients,
                      const LevelRoute& route);

  // Second half: overwrites the gradients of that route's tensors.
  void BackwardDense(float* dense_gradient);

 private:
  // Sets gates_ and ranges_ to those of the route.
  void Select(const LevelRoute& route);

  const LevelPlan plan_;
  const size_t width_;
  const Element compute_;
  std::unique_ptr<ParallelMlp> experts_;
  std::unique_ptr<ParallelMlp> scores_;  // of the gates, before the softmax
  std::vector<Gate> all_gates_;
  MatrixBuffer output_buffer_;  // [rows, gates · width]
  MatrixBuffer rounded_buffer_;
  MatrixBuffer output_gradient_buffer_;
  Matrix output_;
  Operand rounded_;  // output_ as BF16; output_ itself in FP32
  Matrix output_gradient_;
  std::vector<GradientTarget> output_targets_;

  // Of the call being computed.
  std::vector<Gate> gates_;
  std::vector<ColumnRange> ranges_;
  std::vector<ConstOperand> expert_inputs_;
  std::vector<ConstOperand> gate_inputs_;
  std::vector<GradientTarget*> expert_targets_;
  std::vector<GradientTarget*> gate_targets_;
};

}  // namespace primacy
