#include "worker/model/parallel_mlp.h"

#include <algorithm>
#include <utility>

#include "common/base/hash.h"
#include "worker/nn/bfloat16.h"
#include "worker/nn/linear.h"

namespace primacy {
namespace {

// What a tile of so many rows leaves behind in one layer is in the second-level cache still when
// the next layer reads it, and long enough that the layers' weights are prepared rarely.
constexpr size_t kTileRows = 1024;

}  // namespace

std::vector<ParallelMlp::Tile> ParallelMlp::TilesOf(size_t rows) {
  std::vector<Tile> tiles;
  for (size_t begin = 0; begin < rows; begin += kTileRows) {
    tiles.push_back({begin, std::min(kTileRows, rows - begin)});
  }
  return tiles;
}

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
}

void ParallelMlp::Forward(const StepContext& step, std::span<const ConstOperand> inputs,
                          const ActiveMask& active) {
  CHECK_EQ(inputs.size(), members_.size());
  for (size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = layers_[l];
    layer.y = layer.y_buffer.Resize(step.rows, layer.width, layer.element);
    CollectInputs(l, inputs);
    CollectRuns(layer, {}, active);
    layer.drops = step.dropout && dropout_.enabled() && layer.activation != Activation::kNone;
    layer.kept_scale = layer.drops ? dropout_.kept_scale() : 1;
    for (const Run& run : layer.runs) PrepareRun(step, layer, run);
  }
  for (const Tile& tile : TilesOf(step.rows)) {
    for (Layer& layer : layers_) {
      for (const Run& run : layer.runs) ForwardRun(step, tile, layer, run);
    }
  }
}

ConstOperand ParallelMlp::Weights(const StepContext& step, const Layer& layer,
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
                             const Run& run) {
  const Operand y = layer.y.Rows(tile.begin, tile.rows).Columns(run.column, run.units);
  LinearForward(layer.x[run.begin].Rows(tile.begin, tile.rows), Weights(step, layer, run),
                layer.bias_row.data() + run.column, layer.activation, y);
  if (!layer.drops) return;
  dropout_.Apply(step.dropout_seed, layer.dropout_id,
                 step.row_sequence.subspan(tile.begin, tile.rows), run.column, y);
}

Operand ParallelMlp::output(size_t member) const {
  const Layer& last = layers_.back();
  return last.y.Columns(last.column[member], last.units[member]);
}

Matrix ParallelMlp::PrepareOutputGradient() {
  Layer& last = layers_.back();
  last.d = last.d_buffer.Resize(last.y.rows, last.width);
  return last.d;
}

void ParallelMlp::CollectTargets(const StepContext& step, size_t l,
                                 std::span<GradientTarget* const> input_gradients) {
  if (l == 0) {
    layer_targets_.assign(input_gradients.begin(), input_gradients.end());
    return;
  }
  Layer& below = layers_[l - 1];
  below.d = below.d_buffer.Resize(step.rows, below.width);
  hidden_targets_.resize(members_.size());
  layer_targets_.resize(members_.size());
  for (size_t m = 0; m < members_.size(); ++m) {
    hidden_targets_[m] = {below.d.Columns(below.column[m], below.units[m]), false};
    layer_targets_[m] = &hidden_targets_[m];
  }
}

void ParallelMlp::BackwardInputs(const StepContext& step,
                                 std::span<GradientTarget* const> input_gradients,
                                 const ActiveMask& active) {
  CHECK_EQ(input_gradients.size(), members_.size());
  for (size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    CollectTargets(step, l, input_gradients);
    layer.before = shape_.compute == Element::kFp32
                       ? layer.d
                       : layer.before_buffer.Resize(step.rows, layer.width, shape_.compute);
    CollectRuns(layer, layer_targets_, active);
    std::fill(layer.bias_gradient_row.begin(), layer.bias_gradient_row.end(), 0.0f);
    for (Run& run : layer.runs) {
      GradientTarget* const target = layer_targets_[run.begin];
      if (target == nullptr) continue;
      run.x_gradient = target->matrix;
      run.accumulate = std::exchange(target->written, true) ? Accumulate::kYes : Accumulate::kNo;
    }
  }
  for (const Tile& tile : TilesOf(step.rows)) {
    for (size_t l = layers_.size(); l-- > 0;) {
      for (const Run& run : layers_[l].runs) BackwardRun(step, tile, layers_[l], run);
    }
  }
}

void ParallelMlp::BackwardRun(const StepContext& step, const Tile& tile, Layer& layer,
                              const Run& run) {
  const auto of_run = [&](const auto& matrix) {
    return matrix.Rows(tile.begin, tile.rows).Columns(run.column, run.units);
  };
  LinearBackwardInput(Weights(step, layer, run), of_run(layer.y), layer.activation,
                      layer.kept_scale, of_run(layer.d), of_run(layer.before),
                      layer.bias_gradient_row.data() + run.column, run.accumulate,
                      run.x_gradient.Rows(tile.begin, tile.rows));
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
