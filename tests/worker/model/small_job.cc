#include "tests/worker/model/small_job.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "common/base/hash.h"

namespace primacy::testing_support {
namespace {

constexpr uint64_t kKeys = 12;  // per slot, so that keys repeat

void AddValue(BatchSlot& slot, BatchTable& table, std::unordered_map<Key, uint32_t>& positions,
              Key key) {
  const auto [entry, added] = positions.try_emplace(key, static_cast<uint32_t>(table.keys.size()));
  if (added) table.keys.push_back(key);
  slot.positions.push_back(entry->second);
}

}  // namespace

InputSpec SmallInput() {
  InputSpec input;
  input.slots = {{.name = "user", .group = "user", .column = 0, .table = 0},
                 {.name = "tags", .group = "tags", .column = 1, .multi_valued = true, .table = 0},
                 {.name = "item", .group = "item", .column = 2, .table = 1}};
  input.dense_columns = {0, 1};
  input.tasks = {{.name = "like"},
                 {.name = "stars", .loss = TaskConfig::SOFTMAX, .classes = 3, .tier = 1},
                 {.name = "price", .loss = TaskConfig::SQUARED, .tier = 2}};
  input.table_dims = {4, 8};
  return input;
}

Job SmallJob(ModelConfig::Kind kind) {
  Job job;
  ModelConfig& model = *job.mutable_model();
  model.set_kind(kind);
  for (const int units : {20, 16}) model.add_bottom(units);
  for (const int units : {12, 5}) model.add_expert(units);
  for (const int units : {7}) model.add_tower(units);
  model.set_experts(2);
  model.set_task_experts(2);
  model.set_levels(3);
  return job;
}

Batch SmallBatch(uint64_t begin, size_t rows) {
  Batch batch;
  batch.rows = rows;
  batch.tables.resize(2);
  batch.slots.resize(3);
  batch.slots[2].table = 1;
  std::unordered_map<Key, uint32_t> positions[2];
  for (uint64_t i = begin; i < begin + rows; ++i) {
    AddValue(batch.slots[0], batch.tables[0], positions[0], RandomBelow(1, i, kKeys));
    AddValue(batch.slots[2], batch.tables[1], positions[1], RandomBelow(2, i, kKeys));
    // Up to four values, none in one row of five, from few keys so that one repeats within a list.
    batch.slots[1].offsets.push_back(static_cast<uint32_t>(batch.slots[1].positions.size()));
    const uint64_t values = i % 5 == 0 ? 0 : 1 + RandomBelow(3, i, 4);
    for (uint64_t v = 0; v < values; ++v) {
      AddValue(batch.slots[1], batch.tables[0], positions[0], 100 + RandomBelow(4, 8 * i + v, 3));
    }
    for (int f = 0; f < 2; ++f)
      batch.dense.push_back(static_cast<float>(RandomNormal(5, 2 * i + f)));
    batch.labels.push_back(RandomUniform(6, i) < 0.3 ? 1.0f : 0.0f);
    batch.labels.push_back(static_cast<float>(RandomBelow(7, i, 3)));
    batch.labels.push_back(static_cast<float>(RandomNormal(8, i)));
    for (uint64_t t = 0; t < 3; ++t) {
      const bool masked = RandomBelow(9, 3 * i + t, 4) == 0;
      batch.weights.push_back(masked ? 0.0f : i % 2 == 0 ? 1.0f : 0.5f);
      if (masked) batch.labels[batch.labels.size() - 3 + t] = NAN;
    }
    batch.row_sequence.push_back(i);
  }
  batch.slots[1].offsets.push_back(static_cast<uint32_t>(batch.slots[1].positions.size()));
  return batch;
}

ModelUnderTest::ModelUnderTest(const Job& job, const InputSpec& input)
    : model(*Model::Create(job, input)), layout(model->parameters()) {
  dense.assign(layout.flat_size(), 0.0f);
  dense_gradient.assign(layout.flat_size(), NAN);
  for (int t = 0; t < layout.tensor_count(); ++t) {
    const TensorSpec& tensor = model->parameters().tensor(t);
    // Larger than the initial values, so that gradients are far from 0.
    TensorSpec wide = tensor;
    wide.set_init_bound(tensor.init_bound() * 1.7f);
    const uint64_t hash = HashBytes(tensor.name());
    for (size_t e = 0; e < layout.tensor_size(t); ++e) {
      dense[layout.tensor_begin(t) + e] = InitialDenseValue(11, wide, hash, e);
    }
  }
}

void ModelUnderTest::SetBatch(const Batch& batch) {
  tables.clear();
  table_gradients.clear();
  for (size_t t = 0; t < batch.tables.size(); ++t) {
    const size_t dim = static_cast<size_t>(model->parameters().table(static_cast<int>(t)).dim());
    std::vector<float> rows;
    for (const Key key : batch.tables[t].keys) {
      for (size_t c = 0; c < dim; ++c) {
        rows.push_back(static_cast<float>(RandomNormal(HashCombine(t, key), c)));
      }
    }
    table_gradients.emplace_back(rows.size(), NAN);
    tables.push_back(std::move(rows));
  }
}

ParameterView ModelUnderTest::parameters() const {
  ParameterView view;
  for (const auto& table : tables) view.tables.push_back(table.data());
  view.dense = dense;
  return view;
}

GradientView ModelUnderTest::gradients() {
  GradientView view;
  for (auto& table : table_gradients) view.tables.push_back(table.data());
  view.dense = dense_gradient;
  return view;
}

std::vector<float> ModelUnderTest::Run(const Batch& batch, const std::vector<double>& loss_factor,
                                       const ForwardOptions& options) {
  SetBatch(batch);
  const auto outputs = model->Forward(batch, parameters(), options);
  std::vector<float> copy(outputs.begin(), outputs.end());
  model->Backward(batch, parameters(), loss_factor, gradients());
  return copy;
}

int ModelUnderTest::tensor(const std::string& name) const {
  for (int t = 0; t < layout.tensor_count(); ++t) {
    if (model->parameters().tensor(t).name() == name) return t;
  }
  LOG(FATAL) << "no tensor " << name;
  return -1;
}

}  // namespace primacy::testing_support
