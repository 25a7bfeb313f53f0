// The models against PyTorch: values stored by oracle/torch_oracle.py, which has the same
// parameters and batch.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "worker/model/model.h"

namespace primacy {
namespace {

constexpr size_t kRows = 6;

using Values = std::map<std::string, std::vector<double>>;

// The lines of one kind.
Values StoredValues(const std::string& kind) {
  std::ifstream file(PRIMACY_TORCH_VALUES);
  Values values;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string line_kind, what;
    words >> line_kind >> what;
    if (line_kind != kind) continue;
    for (double number; words >> number;) values[what].push_back(number);
  }
  return values;
}

std::vector<float> Elements(const std::string& name, size_t count, double scale) {
  const int start = std::accumulate(name.begin(), name.end(), 0);
  std::vector<float> elements(count);
  for (size_t i = 0; i < count; ++i) {
    elements[i] = static_cast<float>(scale * std::sin(static_cast<double>(i) + start));
  }
  return elements;
}

InputSpec MakeInput() {
  InputSpec input;
  input.slots = {
      {.name = "user"}, {.name = "tags", .multi_valued = true}, {.name = "item", .table = 1}};
  input.dense_columns = {0, 1};
  input.tasks = {{.name = "like"},
                 {.name = "stars", .loss = TaskConfig::SOFTMAX, .classes = 3},
                 {.name = "price", .loss = TaskConfig::SQUARED}};
  input.table_dims = {4, 8};
  return input;
}

Job MakeJob(ModelConfig::Kind kind) {
  Job job;
  ModelConfig& model = *job.mutable_model();
  model.set_kind(kind);
  for (const int units : {20, 16}) model.add_bottom(units);
  for (const int units : {12, 5}) model.add_expert(units);
  model.add_tower(7);
  model.set_experts(2);
  model.set_task_experts(2);
  model.set_levels(2);
  return job;
}

Batch MakeBatch() {
  Batch batch;
  batch.rows = kRows;
  batch.tables = {{.keys = {0, 1, 2, 3, 4, 5, 6}}, {.keys = {0, 1, 2}}};
  batch.slots = {{.positions = {0, 1, 2, 1, 0, 3}},
                 {.offsets = {0, 3, 3, 4, 8, 9, 9}, .positions = {4, 4, 5, 0, 6, 5, 4, 6, 5}},
                 {.table = 1, .positions = {0, 0, 1, 2, 1, 0}}};
  batch.dense = {0.5f, -1, 1.5f, 0.25f, -0.75f, 2, 0, 0, 1, 1, -2, 0.5f};
  batch.labels = {1, 2, 0.5f, 0, 0, -1, 0, 1, 2, 1, 1, 0, 0, 2, 1.5f, 1, 0, -0.5f};
  batch.weights = {1, 1, 0.5f, 1, 0, 1, 0, 1, 1, 2, 1, 0, 1, 0.5f, 1, 1, 1, 1};
  return batch;
}

void ExpectGradient(const std::vector<double>& stored, std::span<const float> gradient,
                    const std::string& name) {
  ASSERT_EQ(stored.size(), 2u) << name;
  double sum = 0, weighted = 0, size = 0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    sum += gradient[i];
    weighted += static_cast<double>((i + 1) % 7) * gradient[i];
    size += std::fabs(gradient[i]);
  }
  EXPECT_NEAR(sum, stored[0], 1e-5 * (0.01 + size)) << name;
  EXPECT_NEAR(weighted, stored[1], 6e-5 * (0.01 + size)) << name;
}

class ModelTorch : public testing::TestWithParam<ModelConfig::Kind> {};

TEST_P(ModelTorch, ScoresLossesAndGradients) {
  Values stored = StoredValues(ModelConfig::Kind_Name(GetParam()));
  ASSERT_FALSE(stored.empty());
  const auto model = *Model::Create(MakeJob(GetParam()), MakeInput());
  const ParameterSpec& spec = model->parameters();
  const DenseLayout layout(spec);
  std::vector<float> dense(layout.flat_size());
  for (int t = 0; t < spec.tensor_size(); ++t) {
    const TensorSpec& tensor = spec.tensor(t);
    const auto elements = Elements(tensor.name(), layout.tensor_size(t), 1.5 * tensor.init_bound());
    std::copy(elements.begin(), elements.end(), &dense[layout.tensor_begin(t)]);
  }
  const std::vector<float> small = Elements("table 0", size_t{7} * 4, 1),
                           large = Elements("table 1", size_t{3} * 8, 1);
  const ParameterView parameters{{small.data(), large.data()}, dense};
  const Batch batch = MakeBatch();

  const auto outputs = model->Forward(batch, parameters, {});
  ASSERT_EQ(outputs.size(), kRows * 5);
  for (size_t i = 0; i < outputs.size(); ++i)
    EXPECT_NEAR(outputs[i], stored["scores"][i], 2e-6) << i;
  const LossSums losses = model->Losses(batch);
  for (size_t t = 0; t < 3; ++t) EXPECT_NEAR(losses.loss[t], stored["losses"][t], 1e-5);
  EXPECT_EQ(losses.weight, (std::vector<double>{6, 4.5, 4.5}));

  std::vector<float> dense_gradient(dense.size());
  std::vector<float> small_gradient(small.size()), large_gradient(large.size());
  model->Backward(batch, parameters, std::vector<double>{0.5, 0.25, 0.125},
                  {{small_gradient.data(), large_gradient.data()}, dense_gradient});
  EXPECT_EQ(stored.size(), 4u + spec.tensor_size());
  for (int t = 0; t < spec.tensor_size(); ++t) {
    ExpectGradient(stored[spec.tensor(t).name()],
                   {&dense_gradient[layout.tensor_begin(t)], layout.tensor_size(t)},
                   spec.tensor(t).name());
  }
  ExpectGradient(stored["table_0"], small_gradient, "table 0");
  ExpectGradient(stored["table_1"], large_gradient, "table 1");
}

INSTANTIATE_TEST_SUITE_P(Kinds, ModelTorch,
                         testing::Values(ModelConfig::SHARED_BOTTOM, ModelConfig::OMOE,
                                         ModelConfig::MMOE, ModelConfig::PLE),
                         [](const auto& info) { return ModelConfig::Kind_Name(info.param); });

}  // namespace
}  // namespace primacy
