// Every kind of model against the reference model: scores, and gradients by central differences in
// double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/worker/model/reference_model.h"
#include "tests/worker/model/small_job.h"

namespace primacy {
namespace {

using testing_support::ModelUnderTest;
using testing_support::ReferenceModel;
using testing_support::SmallBatch;
using testing_support::SmallInput;
using testing_support::SmallJob;

struct Case {
  std::string name;
  Job job;
  std::vector<double> factor = {0.7, 1.3, 0.4};
  ForwardOptions options;
};

void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const ModelConfig::Kind kind :
       {ModelConfig::SHARED_BOTTOM, ModelConfig::OMOE, ModelConfig::MMOE, ModelConfig::PLE}) {
    Case plain{ModelConfig::Kind_Name(kind), SmallJob(kind)};
    cases.push_back(plain);

    // Experts read the embeddings themselves; their weights are not adjacent.
    Case bare = plain;
    bare.name += "_without_bottom";
    if (kind != ModelConfig::SHARED_BOTTOM) bare.job.mutable_model()->clear_bottom();
    bare.job.mutable_model()->clear_tower();
    bare.job.mutable_model()->set_linear_tower(true);
    bare.job.mutable_model()->set_pooling(ModelConfig::SUM);
    bare.job.mutable_model()->set_levels(1);
    bare.job.mutable_model()->set_experts(3);
    cases.push_back(bare);

    Case linear = plain;
    linear.name += "_linear_bottom";
    linear.job.mutable_model()->set_linear_bottom(true);
    cases.push_back(linear);

    Case some = plain;
    some.name += "_tasks_0_and_2";
    some.options.active_tasks = 0b101;
    cases.push_back(some);

    // Task 1 is computed but has no gradient.
    Case muted = plain;
    muted.name += "_factor_0";
    muted.factor = {0.7, 0, 0};
    cases.push_back(muted);

    Case dropout = plain;
    dropout.name += "_dropout";
    dropout.job.mutable_model()->set_dropout(0.3f);
    dropout.options.training = true;
    dropout.options.dropout_seed = 5;
    cases.push_back(dropout);
  }
  return cases;
}

class ModelGradient : public testing::TestWithParam<Case> {};

// Compares sampled elements with differences. Gradients are sums of float products, so the error
// allowed is relative to the largest gradient of the tensor.
void ExpectGradient(std::vector<double>& parameter, size_t begin, size_t size,
                    const float* gradient, const std::string& name,
                    const std::function<double()>& objective) {
  constexpr double kStep = 1e-6;
  constexpr size_t kSamples = 12;
  double largest = 1e-2;
  for (size_t i = 0; i < size; ++i) largest = std::max(largest, std::fabs(double{gradient[i]}));
  for (size_t i = 0; i < size; i += std::max<size_t>(1, size / kSamples)) {
    const double at = parameter[begin + i];
    parameter[begin + i] = at + kStep;
    const double high = objective();
    parameter[begin + i] = at - kStep;
    const double low = objective();
    parameter[begin + i] = at;
    ASSERT_NEAR(gradient[i], (high - low) / (2 * kStep), 1e-5 * largest) << name << " " << i;
  }
}

TEST_P(ModelGradient, AgreesWithTheReference) {
  const Case& test = GetParam();
  const InputSpec input = SmallInput();
  const Batch batch = SmallBatch(0, 12);
  ModelUnderTest under_test(test.job, input);
  const std::vector<float> outputs = under_test.Run(batch, test.factor, test.options);
  const ParameterSpec& spec = under_test.model->parameters();
  ReferenceModel reference(test.job, input, spec, under_test.parameters(), batch);

  ASSERT_EQ(outputs.size(), batch.rows * 5);
  for (size_t i = 0; i < batch.rows; ++i) {
    size_t column = 0;
    for (const auto& scores : reference.Scores(batch, i, test.options)) {
      for (const double score : scores) ASSERT_NEAR(outputs[i * 5 + column++], score, 1e-5) << i;
    }
  }

  const auto objective = [&] { return reference.Objective(batch, test.factor, test.options); };
  const LossSums losses = under_test.model->Losses(batch);
  double sum = 0;
  for (size_t t = 0; t < 3; ++t) sum += test.factor[t] * losses.loss[t];
  EXPECT_NEAR(sum, objective(), 1e-5 * std::fabs(sum));

  for (int t = 0; t < spec.tensor_size(); ++t) {
    const size_t begin = under_test.layout.tensor_begin(t);
    ExpectGradient(reference.dense, begin, under_test.layout.tensor_size(t),
                   &under_test.dense_gradient[begin], spec.tensor(t).name(), objective);
  }
  for (size_t t = 0; t < reference.tables.size(); ++t) {
    ExpectGradient(reference.tables[t], 0, reference.tables[t].size(),
                   under_test.table_gradients[t].data(), "table " + std::to_string(t), objective);
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ModelGradient, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace primacy
