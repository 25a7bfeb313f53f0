#include "worker/model/parallel_mlp.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"
#include "worker/nn/bfloat16.h"
#include "worker/nn/linear.h"

namespace primacy {
namespace {

// For the products of all tiles of a batch with `weight`.
void SetWeights(size_t batch_rows, ConstOperand weight, Weights::Use use, Element result,
                Weights& weights) {
  if (batch_rows <= kTileRows) return weights.UsePlain(weight);
  weights.Pack(weight, use, kTileRows, result);
}

}  // namespace

ParallelMlp::ParallelMlp(std::vector<MlpMember> members, const MlpShape& shape, TensorList& tensors)
    : members_(std::move(members)), shape_(shape), dropout_(shape.dropout) {
  CHECK(!members_.empty());
  for (const MlpMember& member : members_) {
    CHECK_EQ(member.layers.size(), members_[0].layers.size());
  }
  for (size_t l = 0; l < members_[0].layers.size(); ++l) layers_.push_back(MakeLayer(l, tensors));
  CHECK(!layers_.empty());
}

ParallelMlp::Layer ParallelMlp::MakeLayer(size_t l, TensorList& tensors) const {
  const auto name = [&](const MlpMember& member) {
    return shape_.number_layers ? member.name + "/" + std::to_string(l) : member.name;
  };
  Layer layer;
  const bool last = l + 1 == members_[0].layers.size();
  layer.activation = last && shape_.linear_output ? Activation::kNone : Activation::kRelu;
  layer.element = last ? shape_.outputs : shape_.compute;
  layer.dropout_id = HashBytes(name(members_[0]));
  size_t weights = 0;
  for (const MlpMember& member : members_) {
    layer.inputs.push_back(l == 0 ? member.inputs : member.layers[l - 1]);
    layer.units.push_back(member.layers[l]);
    layer.column.push_back(layer.width);
    layer.width += member.layers[l];
    layer.rounded_begin.push_back(weights);
    weights += layer.units.back() * layer.inputs.back();
  }
  if (shape_.compute == Element::kBf16) layer.rounded.resize(weights);
  layer.x.resize(members_.size());
  layer.bias_row.resize(layer.width);
  layer.bias_gradient_row.resize(layer.width);
  for (size_t m = 0; m < members_.size(); ++m) {
    layer.weight.push_back(tensors.AddWeight(name(members_[m]), layer.units[m], layer.inputs[m],
                                             members_[m].owner_task));
  }
  for (size_t m = 0; m < members_.size(); ++m) {
    layer.bias.push_back(tensors.AddBias(name(members_[m]), layer.units[m], layer.inputs[m],
                                         members_[m].owner_task));
  }
  return layer;
}

void ParallelMlp::Bind(const DenseLayout& layout) {
  for (Layer& layer : layers_) {
    for (size_t m = 0; m < members_.size(); ++m) {
      layer.weight_begin.push_back(layout.tensor_begin(layer.weight[m]));
      layer.bias_begin.push_back(layout.tensor_begin(layer.bias[m]));
    }
  }
}

void ParallelMlp::CollectInputs(size_t l, std::span<const ConstOperand> inputs) {
  Layer& layer = layers_[l];
  for (size_t m = 0; m < members_.size(); ++m) {
    layer.x[m] = l == 0
                     ? inputs[m]
                     : layers_[l - 1].y.Columns(layers_[l - 1].column[m], layers_[l - 1].units[m]);
  }
}

void ParallelMlp::CollectRuns(Layer& layer, std::span<GradientTarget* const> targets,
                              const ActiveMask& active) {
  layer.runs.clear();
  for (size_t m = 0; m < members_.size(); ++m) {
    if (!active[m]) continue;
    const bool joins = !layer.runs.empty() && layer.runs.back().end == m &&
                       layer.x[m].data == layer.x[m - 1].data &&
                       (targets.empty() || targets[m] == targets[m - 1]) &&
                       layer.weight_begin[m] ==
                           layer.weight_begin[m - 1] + layer.units[m - 1] * layer.inputs[m - 1];
    if (!joins) layer.runs.push_back({m, m, layer.column[m], 0});
    layer.runs.back().end = m + 1;
    layer.runs.back().units += layer.units[m];
  }
  layer.forward_weights.resize(std::max(layer.forward_weights.size(), layer.runs.size()));
  layer.backward_weights.resize(std::max(layer.backward_weights.size(), layer.runs.size()));
}

void ParallelMlp::BeginForward(const StepContext& step, std::span<const ConstOperand> inputs,
                               const ActiveMask& active) {
  CHECK_EQ(inputs.size(), members_.size());
  for (size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = layers_[l];
    layer.y = layer.y_buffer.Resize(step.rows, layer.width, layer.element);
    CollectInputs(l, inputs);
    CollectRuns(layer, {}, active);
    layer.drops = step.dropout && dropout_.enabled() && layer.activation != Activation::kNone;
    layer.kept_scale = layer.drops ? dropout_.kept_scale() : 1;
    for (size_t r = 0; r < layer.runs.size(); ++r) {
      PrepareRun(step, layer, layer.runs[r]);
      SetWeights(step.rows, WeightsOf(step, layer, layer.runs[r]), Weights::Use::kMatMulBt,
                 layer.element, layer.forward_weights[r]);
    }
  }
}

void ParallelMlp::ForwardTile(const StepContext& step, const Tile& tile) {
  for (Layer& layer : layers_) {
    for (size_t r = 0; r < layer.runs.size(); ++r) {
      ForwardRun(step, tile, layer, layer.runs[r], layer.forward_weights[r]);
    }
  }
}

ConstOperand ParallelMlp::WeightsOf(const StepContext& step, const Layer& layer,
                                    const Run& run) const {
  const size_t inputs = layer.inputs[run.begin];
  const bool rounded = shape_.compute == Element::kBf16;
  const void* const data =
      rounded ? static_cast<const void*>(layer.rounded.data() + layer.rounded_begin[run.begin])
              : step.dense + layer.weight_begin[run.begin];
  return {data, run.units, inputs, inputs, shape_.compute};
}

void ParallelMlp::PrepareRun(const StepContext& step, Layer& layer, const Run& run) {
  for (size_t m = run.begin; m < run.end; ++m) {
    std::copy_n(step.dense + layer.bias_begin[m], layer.units[m],
                layer.bias_row.data() + layer.column[m]);
  }
  if (shape_.compute == Element::kFp32) return;
  ToBf16(step.dense + layer.weight_begin[run.begin],
         layer.rounded.data() + layer.rounded_begin[run.begin],
         run.units * layer.inputs[run.begin]);
}

void ParallelMlp::ForwardRun(const StepContext& step, const Tile& tile, Layer& layer,
                             const Run& run, const Weights& weights) {
  const Operand y = layer.y.Rows(tile.begin, tile.rows).Columns(run.column, run.units);
  LinearForward(layer.x[run.begin].Rows(tile.begin, tile.rows), weights.operand(),
                layer.bias_row.data() + run.column, layer.activation, y);
  if (!layer.drops) return;
  dropout_.Apply(step.dropout_seed, layer.dropout_id,
                 step.row_sequence.subspan(tile.begin, tile.rows), run.column, y);
}

Operand ParallelMlp::output(size_t member) const {
  const Layer& last = layers_.back();
  return last.y.Columns(last.column[member], last.units[member]);
}

void ParallelMlp::CollectTargets(size_t l, std::span<GradientTarget* const> input_gradients) {
  if (l == 0) {
    layer_targets_.assign(input_gradients.begin(), input_gradients.end());
    return;
  }
  Layer& below = layers_[l - 1];
  hidden_targets_.resize(members_.size());
  layer_targets_.resize(members_.size());
  for (size_t m = 0; m < members_.size(); ++m) {
    hidden_targets_[m] = {below.d.Columns(below.column[m], below.units[m]), false};
    layer_targets_[m] = &hidden_targets_[m];
  }
}

Matrix ParallelMlp::PrepareOutputGradient(const StepContext& step) {
  Layer& last = layers_.back();
  last.d = last.d_buffer.Resize(TileRowsMax(step.rows), last.width);
  return last.d;
}

void ParallelMlp::BeginBackward(const StepContext& step,
                                std::span<GradientTarget* const> input_gradients,
                                const ActiveMask& active) {
  CHECK_EQ(input_gradients.size(), members_.size());
  // The last layer's d is the one that PrepareOutputGradient gave.
  for (Layer& layer : layers_) {
    layer.d = layer.d_buffer.Resize(TileRowsMax(step.rows), layer.width);
    layer.before = layer.before_buffer.Resize(step.rows, layer.width, shape_.compute);
    std::fill(layer.bias_gradient_row.begin(), layer.bias_gradient_row.end(), 0.0f);
  }
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    CollectTargets(l, input_gradients);
    CollectRuns(layer, layer_targets_, active);
    for (size_t r = 0; r < layer.runs.size(); ++r) {
      Run& run = layer.runs[r];
      GradientTarget* const target = layer_targets_[run.begin];
      if (target == nullptr) continue;
      run.x_gradient = target->matrix;
      run.accumulate = std::exchange(target->written, true) ? Accumulate::kYes : Accumulate::kNo;
      SetWeights(step.rows, WeightsOf(step, layer, run).Columns(0, run.x_gradient.cols),
                 Weights::Use::kMatMul, Element::kFp32, layer.backward_weights[r]);
    }
  }
}

void ParallelMlp::BackwardTile(const Tile& tile) {
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    for (size_t r = 0; r < layer.runs.size(); ++r) {
      BackwardRun(tile, layer, layer.runs[r], layer.backward_weights[r]);
    }
  }
}

void ParallelMlp::BackwardRun(const Tile& tile, Layer& layer, const Run& run,
                              const Weights& weights) {
  const auto of_run = [&](const auto& matrix) {
    return matrix.Rows(tile.begin, tile.rows).Columns(run.column, run.units);
  };
  LinearBackwardInput(weights.operand(), of_run(layer.y), layer.activation, layer.kept_scale,
                      layer.d.Rows(0, tile.rows).Columns(run.column, run.units),
                      of_run(layer.before), layer.bias_gradient_row.data() + run.column,
                      run.accumulate, run.x_gradient.Rows(0, tile.rows));
}

void ParallelMlp::BackwardDense(float* dense_gradient) {
  for (const Layer& layer : layers_) {
    for (const Run& run : layer.runs) {
      const ConstOperand x = layer.x[run.begin];
      LinearBackwardWeight(
          x, layer.before.Columns(run.column, run.units),
          {dense_gradient + layer.weight_begin[run.begin], run.units, x.cols, x.cols});
      for (size_t m = run.begin; m < run.end; ++m) {
        std::copy_n(layer.bias_gradient_row.data() + layer.column[m], layer.units[m],
                    dense_gradient + layer.bias_begin[m]);
      }
    }
  }
}

}  // namespace primacy
