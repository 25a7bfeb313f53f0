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

  // A forward pass: BeginForward, then ForwardTile for every tile of the batch in order.
  //
  // inputs[stream below] [rows, input_width]. Names outputs[stream above]; those of the route's
  // gates are filled tile by tile, others are undefined.
  void BeginForward(const StepContext& step, std::span<const ConstOperand> inputs,
                    const LevelRoute& route, std::vector<ConstOperand>& outputs);
  void ForwardTile(const StepContext& step, const Tile& tile);

  // The first half of the backward pass: the targets of its outputs' gradients, for those who begin
  // theirs; BeginBackward, at which those of the route's gates must have been written; then for
  // every tile in order those gradients, and BackwardTile.
  //
  // One target per stream above, of one tile.
  std::span<GradientTarget> PrepareOutputGradients(const StepContext& step);
  // Adds to input_gradients[stream below] unless that is null.
  void BeginBackward(const StepContext& step, std::span<GradientTarget* const> input_gradients,
                     const LevelRoute& route);
  void BackwardTile(const Tile& tile);

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
  MatrixBuffer output_buffer_;
  MatrixBuffer mixed_buffer_;  // floats of a tile of output_, before they are rounded
  MatrixBuffer output_gradient_buffer_;
  Operand output_;          // [rows, gates · width] of `compute`
  Matrix output_gradient_;  // [rows of a tile, gates · width]
  std::vector<GradientTarget> output_targets_;

  // Of the pass being computed.
  std::vector<Gate> gates_;
  std::vector<ColumnRange> ranges_;
  std::vector<ConstOperand> expert_inputs_;
  std::vector<ConstOperand> gate_inputs_;
  std::vector<GradientTarget*> expert_targets_;
  std::vector<GradientTarget*> gate_targets_;
};

}  // namespace primacy
