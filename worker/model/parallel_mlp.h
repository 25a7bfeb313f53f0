// Several multi-layer perceptrons of the same depth side by side: the bottom (one of them), the
// experts and gates of a level, the towers. Members that read the same input are computed by one
// matrix product where their weights are adjacent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/protocol/dense_layout.h"
#include "worker/model/tensor_list.h"
#include "worker/nn/activation.h"
#include "worker/nn/dropout.h"
#include "worker/nn/matmul.h"
#include "worker/nn/matrix.h"

namespace primacy {

// One batch's settings, the same for all parts of the model.
struct StepContext {
  size_t rows = 0;
  const float* dense = nullptr;  // flat buffer of parameters
  bool dropout = false;
  uint64_t dropout_seed = 0;
  std::span<const uint64_t> row_sequence;  // [rows], for dropout
};

// Which members, gates, experts or tasks take part: one entry each.
using ActiveMask = std::vector<bool>;

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

  // inputs[member] [rows, member.inputs]. Members that are not active cost nothing; their outputs
  // are undefined. The inputs, of MlpShape.compute, are read again by the backward pass.
  void Forward(const StepContext& step, std::span<const ConstOperand> inputs,
               const ActiveMask& active);

  // Of the last Forward: [rows, units of the member's last layer].
  Operand output(size_t member) const;
  // All members' outputs side by side, [rows, Σ units], without gaps.
  Operand outputs() const { return layers_.back().y; }

  // Room for the gradient of outputs() (of the last Forward's rows), to be filled before
  // BackwardInputs. It is used up there.
  Matrix PrepareOutputGradient();

  // First half of the backward pass, of active members (a subset of the last Forward's, with its
  // parameters): adds to input_gradients[member] unless that is null.
  void BackwardInputs(const StepContext& step, std::span<GradientTarget* const> input_gradients,
                      const ActiveMask& active);

  // Second half: overwrites the gradients of those members' tensors in the flat buffer
  // `dense_gradient`.
  void BackwardDense(float* dense_gradient);

  size_t member_count() const { return members_.size(); }
  // First column of the member in outputs().
  size_t output_column(size_t member) const { return layers_.back().column[member]; }

 private:
  // Rows [begin, begin + rows), computed through all layers before the next ones.
  struct Tile {
    size_t begin = 0;
    size_t rows = 0;
  };
  static std::vector<Tile> TilesOf(size_t rows);
  // Adjacent members [begin, end) of a layer, computed as one.
  struct Run {
    size_t begin = 0;
    size_t end = 0;
    size_t column = 0;
    size_t units = 0;
    Matrix x_gradient;  // of the backward pass; no columns: not wanted
    Accumulate accumulate = Accumulate::kNo;
  };
  struct Layer {
    Activation activation = Activation::kRelu;
    uint64_t dropout_id = 0;
    bool drops = false;                 // in the last Forward
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
    std::vector<ConstOperand> x;  // [member] what it reads
    Operand y;                    // [rows, width] outputs
    Matrix d;                     // [rows, width] their gradient
    Operand before;  // [rows, width] the gradient before the activation; d itself in FP32
    std::vector<uint16_t> rounded;         // all weights as BF16, of the last Forward; none in FP32
    std::vector<float> bias_row;           // [width] biases side by side
    std::vector<float> bias_gradient_row;  // [width]
    std::vector<Run> runs;                 // of the pass being computed
  };

  Layer MakeLayer(size_t l, TensorList& tensors) const;
  // Sets what each member reads in layer l.
  void CollectInputs(size_t l, std::span<const ConstOperand> inputs);
  // Cuts the active members into runs that read one input and, if `targets` is not empty, send its
  // gradient to one target.
  void CollectRuns(Layer& layer, std::span<GradientTarget* const> targets,
                   const ActiveMask& active);
  // The weights of a run as products read them.
  ConstOperand Weights(const StepContext& step, const Layer& layer, const Run& run) const;
  // Its biases side by side, and its weights as products read them.
  void PrepareRun(const StepContext& step, Layer& layer, const Run& run);
  void ForwardRun(const StepContext& step, const Tile& tile, Layer& layer, const Run& run);
  void BackwardRun(const StepContext& step, const Tile& tile, Layer& layer, const Run& run);
  // Where each member of layer l sends its input's gradient.
  void CollectTargets(const StepContext& step, size_t l,
                      std::span<GradientTarget* const> input_gradients);

  const std::vector<MlpMember> members_;
  const MlpShape shape_;
  const Dropout dropout_;
  std::vector<Layer> layers_;

  // Scratch of the layer being computed.
  std::vector<GradientTarget> hidden_targets_;  // [member]
  std::vector<GradientTarget*> layer_targets_;  // [member]
};

}  // namespace primacy
