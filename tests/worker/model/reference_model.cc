#include "tests/worker/model/reference_model.h"

#include <algorithm>
#include <cmath>

#include "common/base/hash.h"
#include "worker/nn/dropout.h"

namespace primacy::testing_support {

ReferenceModel::ReferenceModel(const Job& job, const InputSpec& input, const ParameterSpec& spec,
                               const ParameterView& parameters, const Batch& batch)
    : dense(parameters.dense.begin(), parameters.dense.end()), model_(job.model()), input_(input) {
  size_t begin = 0;
  for (const TensorSpec& tensor : spec.tensor()) {
    const size_t rows = tensor.rows(), cols = tensor.cols();
    tensors_[tensor.name()] = {begin, rows, cols};
    begin += (rows * cols + 15) / 16 * 16;
  }
  for (size_t t = 0; t < batch.tables.size(); ++t) {
    const size_t floats = batch.tables[t].keys.size() * input.table_dims[t];
    tables.emplace_back(parameters.tables[t], parameters.tables[t] + floats);
  }
}

ReferenceModel::Vector ReferenceModel::Input(const Batch& batch, size_t row) const {
  Vector x;
  for (size_t s = 0; s < input_.slots.size(); ++s) {
    const BatchSlot& slot = batch.slots[s];
    const size_t dim = input_.table_dims[slot.table];
    const size_t begin = slot.offsets.empty() ? row : slot.offsets[row];
    const size_t end = slot.offsets.empty() ? row + 1 : slot.offsets[row + 1];
    for (size_t c = 0; c < dim; ++c) {
      double sum = 0;
      for (size_t v = begin; v < end; ++v) sum += tables[slot.table][slot.positions[v] * dim + c];
      const bool mean = model_.pooling() == ModelConfig::MEAN && end > begin;
      x.push_back(mean ? sum / static_cast<double>(end - begin) : sum);
    }
  }
  const size_t features = input_.dense_columns.size();
  for (size_t f = 0; f < features; ++f) x.push_back(batch.dense[row * features + f]);
  return x;
}

ReferenceModel::Vector ReferenceModel::Linear(const std::string& layer, const Vector& x) const {
  const Tensor& weight = tensors_.at(layer + "/weight");
  const Tensor& bias = tensors_.at(layer + "/bias");
  CHECK_EQ(weight.cols, x.size()) << layer;
  CHECK_EQ(weight.rows, bias.cols) << layer;
  Vector y;
  for (size_t o = 0; o < weight.rows; ++o) {
    double sum = dense[bias.begin + o];
    for (size_t i = 0; i < x.size(); ++i) sum += dense[weight.begin + o * weight.cols + i] * x[i];
    y.push_back(sum);
  }
  return y;
}

ReferenceModel::Vector ReferenceModel::Hidden(const std::string& name, size_t layers, Vector x,
                                              const Drop* drop, bool linear_output) const {
  for (size_t l = 0; l < layers; ++l) {
    x = Linear(name + "/" + std::to_string(l), x);
    if (linear_output && l + 1 == layers) break;
    for (double& value : x) value = std::max(value, 0.0);
    if (drop == nullptr || drop->rate == 0) continue;
    std::vector<float> mask(x.size(), 1.0f);
    Dropout(drop->rate)
        .Apply(drop->seed, HashBytes(drop->mask_name + "/" + std::to_string(l)), {&drop->row, 1},
               drop->mask_unit[l], Matrix{mask.data(), 1, x.size(), x.size()});
    for (size_t j = 0; j < x.size(); ++j) x[j] *= mask[j] == 0 ? 0 : 1 / (1 - drop->rate);
  }
  return x;
}

ReferenceModel::Vector ReferenceModel::Mix(const std::string& gate, const Vector& x,
                                           const std::vector<Vector>& experts) const {
  const Vector scores = Linear(gate, x);
  CHECK_EQ(scores.size(), experts.size());
  double sum = 0;
  for (const double score : scores) sum += std::exp(score);
  Vector mixed(experts[0].size(), 0.0);
  for (size_t e = 0; e < experts.size(); ++e) {
    for (size_t c = 0; c < mixed.size(); ++c) mixed[c] += std::exp(scores[e]) / sum * experts[e][c];
  }
  return mixed;
}

std::vector<ReferenceModel::Vector> ReferenceModel::TowerInputs(const Vector& x) const {
  const size_t tasks = input_.tasks.size();
  if (model_.kind() == ModelConfig::SHARED_BOTTOM) return std::vector<Vector>(tasks, x);
  if (model_.kind() == ModelConfig::PLE) return PleTowerInputs(x);
  std::vector<Vector> experts;
  for (int e = 0; e < model_.experts(); ++e) {
    experts.push_back(
        Hidden("expert/" + std::to_string(e), model_.expert_size(), x, nullptr, false));
  }
  std::vector<Vector> inputs;
  for (const InputTask& task : input_.tasks) {
    const bool one = model_.kind() == ModelConfig::OMOE;
    inputs.push_back(Mix(one ? "shared_gate" : "gate/" + task.name, x, experts));
  }
  return inputs;
}

std::vector<ReferenceModel::Vector> ReferenceModel::PleTowerInputs(const Vector& x) const {
  const size_t tasks = input_.tasks.size();
  std::vector<Vector> of_task(tasks, x);
  Vector shared = x;
  for (int l = 0; l < model_.levels(); ++l) {
    const std::string level = "level/" + std::to_string(l) + "/";
    std::vector<Vector> shared_experts, all;
    std::vector<std::vector<Vector>> own(tasks);
    for (int e = 0; e < model_.experts(); ++e) {
      shared_experts.push_back(Hidden(level + "shared_expert/" + std::to_string(e),
                                      model_.expert_size(), shared, nullptr, false));
    }
    for (size_t t = 0; t < tasks; ++t) {
      for (int e = 0; e < model_.task_experts(); ++e) {
        own[t].push_back(Hidden(level + "expert/" + input_.tasks[t].name + "/" + std::to_string(e),
                                model_.expert_size(), of_task[t], nullptr, false));
        all.push_back(own[t].back());
      }
    }
    all.insert(all.end(), shared_experts.begin(), shared_experts.end());
    if (l + 1 < model_.levels()) shared = Mix(level + "shared_gate", shared, all);
    for (size_t t = 0; t < tasks; ++t) {
      std::vector<Vector> mixed = own[t];
      mixed.insert(mixed.end(), shared_experts.begin(), shared_experts.end());
      of_task[t] = Mix(level + "gate/" + input_.tasks[t].name, of_task[t], mixed);
    }
  }
  return of_task;
}

std::vector<std::vector<double>> ReferenceModel::Scores(const Batch& batch, size_t row,
                                                        const ForwardOptions& options) const {
  const double rate = options.training ? model_.dropout() : 0.0;
  const uint64_t sequence = rate > 0 ? batch.row_sequence[row] : 0;
  const Drop bottom{options.dropout_seed, sequence, rate, "bottom",
                    std::vector<size_t>(model_.bottom_size(), 0)};
  const std::vector<Vector> inputs = TowerInputs(
      Hidden("bottom", model_.bottom_size(), Input(batch, row), &bottom, model_.linear_bottom()));
  std::vector<Vector> scores;
  for (size_t t = 0; t < input_.tasks.size(); ++t) {
    const std::string name = "tower/" + input_.tasks[t].name;
    Drop tower{options.dropout_seed, sequence, rate, "tower/" + input_.tasks[0].name, {}};
    for (const int units : model_.tower()) tower.mask_unit.push_back(t * units);
    const Vector hidden = Hidden(name, model_.tower_size(), inputs[t], &tower, false);
    scores.push_back(Linear(name + "/" + std::to_string(model_.tower_size()), hidden));
    if ((options.active_tasks >> t & 1) == 0) scores.back().assign(scores.back().size(), 0.0);
  }
  return scores;
}

double ReferenceModel::Objective(const Batch& batch, const std::vector<double>& factor,
                                 const ForwardOptions& options) const {
  double sum = 0;
  for (size_t i = 0; i < batch.rows; ++i) {
    const auto scores = Scores(batch, i, options);
    for (size_t t = 0; t < scores.size(); ++t) {
      const double weight = batch.weights[i * scores.size() + t];
      if (weight == 0 || (options.active_tasks >> t & 1) == 0) continue;
      const double label = batch.labels[i * scores.size() + t];
      double loss = 0;
      if (input_.tasks[t].loss == TaskConfig::LOGISTIC) {
        loss = std::log1p(std::exp(scores[t][0])) - label * scores[t][0];
      } else if (input_.tasks[t].loss == TaskConfig::SQUARED) {
        loss = (scores[t][0] - label) * (scores[t][0] - label);
      } else {
        double total = 0;
        for (const double score : scores[t]) total += std::exp(score);
        loss = std::log(total) - scores[t][static_cast<size_t>(label)];
      }
      sum += factor[t] * weight * loss;
    }
  }
  return sum;
}

}  // namespace primacy::testing_support
