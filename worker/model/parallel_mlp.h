// Several multi-layer perceptrons of the same depth side by side: the bottom (one of them), the
// experts and gates of a level, the towers. Members that read the same input are computed by one
// matrix product where their weights are adjacent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/protocol/dense_layout.h"
#include "worker/model/step_context.h"
#include "worker/model/tensor_list.h"
#include "worker/nn/activation.h"
#include "worker/nn/dropout.h"
#include "worker/nn/matmul.h"
#include "worker/nn/matrix.h"

namespace primacy {

struct MlpMember {
  std::string
      name;  // layer l has the tensors name/l/weight and name/l/bias; see MlpShape.number_layers
  size_t inputs = 0;
  std::vector<size_t> layers;  // units of each
  int owner_task = -1;
};

struct MlpShape {
  bool linear_output = false;        // no ReLU (and no dropout) on the last layer
  double dropout = 0;                // on ReLU layers, in training
  bool number_layers = true;         // false: a single layer called name/weight, name/bias
  Element compute = Element::kFp32;  // of all inputs and weights of products; see outputs
  // Of outputs(), which may be inputs of products or not. The outputs of layers below are
  // `compute`.
  Element outputs = Element::kFp32;
};

// Tensors are added layer by layer, first all members' weights, then all members' biases, so that
// the weights of one layer are adjacent in the flat buffer when each is a multiple of 16 floats.
// Not thread safe.
class ParallelMlp {
 public:
  ParallelMlp(std::vector<MlpMember> members, const MlpShape& shape, TensorList& tensors);

  // Once, when all tensors of the model are known.
  void Bind(const DenseLayout& layout);

  // A forward pass: BeginForward, then ForwardTile for every tile of the batch in order.
  //
  // inputs[member] [rows, member.inputs], of MlpShape.compute: each tile of them is read by its
  // ForwardTile, and again by the backward pass. Members that are not active cost nothing; their
  // outputs are undefined.
  void BeginForward(const StepContext& step, std::span<const ConstOperand> inputs,
                    const ActiveMask& active);
  void ForwardTile(const StepContext& step, const Tile& tile);

  // Of the last forward pass: [rows, units of the member's last layer].
  Operand output(size_t member) const;
  // All members' outputs side by side, [rows, Σ units], without gaps.
  Operand outputs() const { return layers_.back().y; }

  // The first half of the backward pass: BeginBackward, then for every tile in order its gradient
  // of outputs() into OutputGradient, and BackwardTile.
  //
  // [rows of the largest tile, Σ units], for parts above that begin theirs before.
  Matrix PrepareOutputGradient(const StepContext& step);
  Matrix OutputGradient() const { return layers_.back().d; }
  // Of active members (a subset of the last forward pass's, with its parameters): adds to
  // input_gradients[member], which hold one tile, unless that is null.
  void BeginBackward(const StepContext& step, std::span<GradientTarget* const> input_gradients,
                     const ActiveMask& active);
  void BackwardTile(const Tile& tile);

  // Second half: overwrites the gradients of those members' tensors in the flat buffer
  // `dense_gradient`.
  void BackwardDense(float* dense_gradient);

  size_t member_count() const { return members_.size(); }
  // First column of the member in outputs().
  size_t output_column(size_t member) const { return layers_.back().column[member]; }

 private:
  // Adjacent members [begin, end) of a layer, computed as one.
  struct Run {
    size_t begin = 0;
    size_t end = 0;
    size_t column = 0;
    size_t units = 0;
    Matrix x_gradient;  // of the backward pass, of one tile; no columns: not wanted
    Accumulate accumulate = Accumulate::kNo;
  };
  struct Layer {
    Activation activation = Activation::kRelu;
    uint64_t dropout_id = 0;
    bool drops = false;                 // in the last forward pass
    float kept_scale = 1;               // of that dropout
    std::vector<size_t> inputs;         // [member]
    std::vector<size_t> units;          // [member]
    std::vector<size_t> column;         // [member] first column in y
    std::vector<int> weight;            // [member] tensor
    std::vector<int> bias;              // [member] tensor
    std::vector<size_t> weight_begin;   // [member] in the flat buffer
    std::vector<size_t> bias_begin;     // [member]
    std::vector<size_t> rounded_begin;  // [member] of its weights in `rounded`
    size_t width = 0;                   // Σ units
    Element element = Element::kFp32;   // of y
    MatrixBuffer y_buffer;
    MatrixBuffer d_buffer;
    MatrixBuffer before_buffer;
    std::vector<ConstOperand> x;    // [member] what it reads
    Operand y;                      // [rows, width] outputs
    Matrix d;                       // [rows of a tile, width] their gradient
    Operand before;                 // [rows, width] the gradient before the activation
    std::vector<uint16_t> rounded;  // all weights as BF16, of the last forward pass; none in FP32
    std::vector<Weights> forward_weights;   // [run] as the products of the pass read them
    std::vector<Weights> backward_weights;  // [run]
    std::vector<float> bias_row;            // [width] biases side by side
    std::vector<float> bias_gradient_row;   // [width]
    std::vector<Run> runs;                  // of the pass being computed
  };

  Layer MakeLayer(size_t l, TensorList& tensors) const;
  // Sets what each member reads in layer l.
  void CollectInputs(size_t l, std::span<const ConstOperand> inputs);
  // Cuts the active members into runs that read one input and, if `targets` is not empty, send its
  // gradient to one target.
  void CollectRuns(Layer& layer, std::span<GradientTarget* const> targets,
                   const ActiveMask& active);
  // The weights of a run, of MlpShape.compute.
  ConstOperand WeightsOf(const StepContext& step, const Layer& layer, const Run& run) const;
  // Its biases side by side, and its weights rounded.
  void PrepareRun(const StepContext& step, Layer& layer, const Run& run);
  void ForwardRun(const StepContext& step, const Tile& tile, Layer& layer, const Run& run,
                  const Weights& weights);
  void BackwardRun(const Tile& tile, Layer& layer, const Run& run, const Weights& weights);
  // Where each member of layer l sends its input's gradient.
  void CollectTargets(size_t l, std::span<GradientTarget* const> input_gradients);

  const std::vector<MlpMember> members_;
  const MlpShape shape_;
  const Dropout dropout_;
  std::vector<Layer> layers_;

  // Scratch of the layer being begun.
  std::vector<GradientTarget> hidden_targets_;  // [member]
  std::vector<GradientTarget*> layer_targets_;  // [member]
};

}  // namespace primacy
