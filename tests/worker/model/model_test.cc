#include "worker/model/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "tests/worker/model/small_job.h"

namespace primacy {
namespace {

using testing_support::ModelUnderTest;
using testing_support::SmallBatch;
using testing_support::SmallInput;
using testing_support::SmallJob;

constexpr ModelConfig::Kind kKinds[] = {ModelConfig::SHARED_BOTTOM, ModelConfig::OMOE,
                                        ModelConfig::MMOE, ModelConfig::PLE};
const std::vector<double> kFactor = {0.5, 0.25, 0.125};

class ModelKinds : public testing::TestWithParam<ModelConfig::Kind> {};

// Gradient of each key, by table.
using KeyGradients = std::unordered_map<Key, std::vector<float>>;

void AddKeyGradients(const Batch& batch, const ModelUnderTest& model,
                     std::vector<KeyGradients>& sums) {
  sums.resize(batch.tables.size());
  for (size_t t = 0; t < batch.tables.size(); ++t) {
    const size_t dim =
        static_cast<size_t>(model.model->parameters().table(static_cast<int>(t)).dim());
    for (size_t k = 0; k < batch.tables[t].keys.size(); ++k) {
      std::vector<float>& sum = sums[t][batch.tables[t].keys[k]];
      sum.resize(dim, 0.0f);
      for (size_t c = 0; c < dim; ++c) sum[c] += model.table_gradients[t][k * dim + c];
    }
  }
}

// That slices of the rows [10, 10 + rows), cut after `first` rows, sum to the whole. With dropout,
// so that the masks must be the rows' own.
void ExpectSlicesSumToTheBatch(ModelConfig::Kind kind, size_t rows, size_t first) {
  Job job = SmallJob(kind);
  job.mutable_model()->set_dropout(0.25f);
  const ForwardOptions options{.training = true, .dropout_seed = 3};
  ModelUnderTest model(job, SmallInput());
  const Batch batch = SmallBatch(10, rows);
  std::vector<double> factor = kFactor;
  for (double& each : factor) each *= 40.0 / static_cast<double>(rows);
  const std::vector<float> outputs = model.Run(batch, factor, options);
  const LossSums losses = model.model->Losses(batch);
  const std::vector<float> dense_gradient = model.dense_gradient;
  std::vector<KeyGradients> keys;
  AddKeyGradients(batch, model, keys);

  std::vector<float> slices_dense(dense_gradient.size(), 0.0f);
  std::vector<float> slices_outputs;
  std::vector<KeyGradients> slices_keys;
  std::vector<double> slices_loss(3, 0.0);
  for (const auto& [begin, count] :
       {std::pair<uint64_t, size_t>{10, first}, {10 + first, rows - first}}) {
    const Batch slice = SmallBatch(begin, count);
    const std::vector<float> part = model.Run(slice, factor, options);
    slices_outputs.insert(slices_outputs.end(), part.begin(), part.end());
    for (size_t i = 0; i < slices_dense.size(); ++i) slices_dense[i] += model.dense_gradient[i];
    AddKeyGradients(slice, model, slices_keys);
    const LossSums sums = model.model->Losses(slice);
    for (size_t t = 0; t < 3; ++t) slices_loss[t] += sums.loss[t];
  }
  const auto near = [](float a, float b) { return std::fabs(a - b) <= 2e-5f * (1 + std::fabs(a)); };
  ASSERT_EQ(slices_outputs.size(), outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) ASSERT_TRUE(near(outputs[i], slices_outputs[i])) << i;
  for (size_t i = 0; i < slices_dense.size(); ++i) {
    ASSERT_TRUE(near(dense_gradient[i], slices_dense[i])) << i;
  }
  for (size_t t = 0; t < keys.size(); ++t) {
    ASSERT_EQ(keys[t].size(), slices_keys[t].size());
    for (const auto& [key, gradient] : keys[t]) {
      for (size_t c = 0; c < gradient.size(); ++c)
        ASSERT_TRUE(near(gradient[c], slices_keys[t][key][c]));
    }
  }
  for (size_t t = 0; t < 3; ++t) EXPECT_NEAR(slices_loss[t], losses.loss[t], 1e-5 * losses.loss[t]);
}

// What data-parallel training rests on: slices of a batch may be computed anywhere.
TEST_P(ModelKinds, SlicesSumToTheBatch) { ExpectSlicesSumToTheBatch(GetParam(), 40, 27); }

// Layers are computed in tiles of rows; the slices' are others than the batch's.
TEST_P(ModelKinds, SlicesOfManyRowsSumToTheBatch) {
  ExpectSlicesSumToTheBatch(GetParam(), 2500, 1300);
}

TEST_P(ModelKinds, TheSameStepGivesTheSameBits) {
  const Batch batch = SmallBatch(0, 33);
  ModelUnderTest first(SmallJob(GetParam()), SmallInput());
  ModelUnderTest second(SmallJob(GetParam()), SmallInput());
  second.Run(SmallBatch(5, 64), kFactor);  // larger buffers from before must not matter
  EXPECT_EQ(first.Run(batch, kFactor), second.Run(batch, kFactor));
  EXPECT_EQ(first.dense_gradient, second.dense_gradient);
  EXPECT_EQ(first.table_gradients, second.table_gradients);
}

// What a task that is not active has to itself gets no gradient; what it shares gets that of the
// others alone.
TEST_P(ModelKinds, InactiveTasksAreAsIfTheyWereNotThere) {
  const Batch batch = SmallBatch(0, 20);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  const std::vector<float> all = model.Run(batch, {0.5, 0, 0});
  const std::vector<float> expected = model.dense_gradient;
  const std::vector<float> outputs = model.Run(batch, kFactor, {.active_tasks = 0b001});
  for (size_t i = 0; i < batch.rows; ++i) {
    EXPECT_EQ(outputs[i * 5], all[i * 5]);
    for (size_t c = 1; c < 5; ++c) EXPECT_EQ(outputs[i * 5 + c], 0.0f);
  }
  EXPECT_EQ(model.dense_gradient, expected);
  const LossSums losses = model.model->Losses(batch);
  EXPECT_GT(losses.loss[0], 0);
  EXPECT_EQ(losses.weight[1], 0);
  EXPECT_EQ(losses.loss[2], 0);
}

// owner_task is right when it is the only task whose gradient on a tensor is not 0, and -1 is right
// when there are more.
TEST_P(ModelKinds, OwnersAreTheTasksThatReachATensor) {
  const Batch batch = SmallBatch(0, 64);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  const ParameterSpec& spec = model.model->parameters();
  std::vector<std::vector<int>> reached_by(spec.tensor_size());
  for (int task = 0; task < 3; ++task) {
    std::vector<double> factor(3, 0.0);
    factor[task] = 1;
    model.Run(batch, factor);
    for (int t = 0; t < spec.tensor_size(); ++t) {
      const float* begin = &model.dense_gradient[model.layout.tensor_begin(t)];
      if (std::any_of(begin, begin + model.layout.tensor_size(t), [](float g) { return g != 0; })) {
        reached_by[t].push_back(task);
      }
    }
  }
  for (int t = 0; t < spec.tensor_size(); ++t) {
    const int owner = spec.tensor(t).owner_task();
    SCOPED_TRACE(spec.tensor(t).name());
    if (owner >= 0) {
      EXPECT_EQ(reached_by[t], std::vector<int>{owner});
    } else {
      EXPECT_GE(reached_by[t].size(), 2u);
    }
  }
}

TEST_P(ModelKinds, NoTaskNoGradient) {
  const Batch batch = SmallBatch(0, 20);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  model.Run(batch, {0, 0, 0});
  EXPECT_EQ(model.dense_gradient, std::vector<float>(model.dense_gradient.size(), 0.0f));
  for (const auto& table : model.table_gradients)
    EXPECT_EQ(table, std::vector<float>(table.size(), 0.0f));
}

TEST_P(ModelKinds, WithoutTableGradientsTheDenseOnesAreTheSame) {
  const Batch batch = SmallBatch(0, 20);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  model.Run(batch, kFactor);
  const std::vector<float> expected = model.dense_gradient;
  std::vector<float> dense_gradient(expected.size(), NAN);
  model.model->Backward(batch, model.parameters(), kFactor, {{}, dense_gradient});
  // Once more over the same activations: Backward leaves them as they were.
  EXPECT_EQ(dense_gradient, expected);
}

// What the trainer does: rows' gradients go out, and the parameters of the step may be gone, before
// the dense half begins. Both halves must be those of the whole.
TEST_P(ModelKinds, HalvesGiveTheBitsOfTheWhole) {
  const Batch batch = SmallBatch(0, 20);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  model.Run(batch, kFactor);
  const std::vector<float> dense_expected = model.dense_gradient;
  const std::vector<std::vector<float>> tables_expected = model.table_gradients;

  std::vector<float*> tables;
  for (std::vector<float>& table : model.table_gradients) {
    std::fill(table.begin(), table.end(), NAN);
    tables.push_back(table.data());
  }
  model.model->BackwardRows(batch, model.parameters(), kFactor, tables);
  EXPECT_EQ(model.table_gradients, tables_expected);
  std::fill(model.dense.begin(), model.dense.end(), NAN);
  std::fill(model.dense_gradient.begin(), model.dense_gradient.end(), NAN);
  model.model->BackwardDense(model.dense_gradient);
  EXPECT_EQ(model.dense_gradient, dense_expected);
}

double Distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (double{a[i]} - b[i]) * (double{a[i]} - b[i]);
  return std::sqrt(sum);
}

double Norm(const std::vector<float>& a) { return Distance(a, std::vector<float>(a.size())); }

Job Bf16Job(ModelConfig::Kind kind) {
  Job job = SmallJob(kind);
  job.mutable_runtime()->set_compute(BF16);
  return job;
}

// BF16 has 8 bits of mantissa: each rounding moves a number by up to 2^-9 of itself, and those of a
// few layers add up to about half a percent of a row's gradient. Where a ReLU opens in one of the
// two alone a row's gradient is another one, which with many units happens to more than a few rows:
// the bound is on the median row.
TEST_P(ModelKinds, Bf16IsNearFp32) {
  ModelUnderTest exact(SmallJob(GetParam()), SmallInput());
  ModelUnderTest rounded(Bf16Job(GetParam()), SmallInput());
  constexpr size_t kRows = 100;
  std::vector<double> output_distances, dense_distances, table_distances;
  for (uint64_t row = 0; row < kRows; ++row) {
    const Batch batch = SmallBatch(row, 1);
    const std::vector<float> expected = exact.Run(batch, kFactor);
    const std::vector<float> outputs = rounded.Run(batch, kFactor);
    output_distances.push_back(Distance(outputs, expected) / Norm(expected));
    dense_distances.push_back(Distance(rounded.dense_gradient, exact.dense_gradient) /
                              Norm(exact.dense_gradient));
    for (size_t t = 0; t < exact.table_gradients.size(); ++t) {
      const double norm = Norm(exact.table_gradients[t]);
      if (norm == 0) continue;
      table_distances.push_back(Distance(rounded.table_gradients[t], exact.table_gradients[t]) /
                                norm);
    }
  }
  for (std::vector<double>* distances : {&output_distances, &dense_distances, &table_distances}) {
    std::sort(distances->begin(), distances->end());
    const double median = (*distances)[distances->size() / 2];
    EXPECT_GT(median, 1e-4) << "nothing was rounded";
    EXPECT_LT(median, 0.015);
  }
}

TEST_P(ModelKinds, Bf16GivesTheSameBits) {
  Job job = Bf16Job(GetParam());
  job.mutable_model()->set_dropout(0.25f);
  const ForwardOptions options{.training = true, .dropout_seed = 3};
  const Batch batch = SmallBatch(0, 33);
  ModelUnderTest first(job, SmallInput());
  ModelUnderTest second(job, SmallInput());
  second.Run(SmallBatch(5, 64), kFactor, options);
  EXPECT_EQ(first.Run(batch, kFactor, options), second.Run(batch, kFactor, options));
  EXPECT_EQ(first.dense_gradient, second.dense_gradient);
  EXPECT_EQ(first.table_gradients, second.table_gradients);
}

TEST_P(ModelKinds, Bf16DoesNotHideNan) {
  const Batch batch = SmallBatch(0, 12);
  ModelUnderTest model(Bf16Job(GetParam()), SmallInput());
  model.dense[model.layout.tensor_begin(0)] = NAN;  // one weight of the lowest layer
  const std::vector<float> outputs = model.Run(batch, kFactor);
  EXPECT_TRUE(std::any_of(outputs.begin(), outputs.end(), [](float y) { return std::isnan(y); }));
}

TEST_P(ModelKinds, EmptyBatch) {
  const Batch batch = SmallBatch(0, 0);
  ModelUnderTest model(SmallJob(GetParam()), SmallInput());
  EXPECT_TRUE(model.Run(batch, kFactor).empty());
  EXPECT_EQ(model.dense_gradient, std::vector<float>(model.dense_gradient.size(), 0.0f));
  EXPECT_EQ(model.model->Losses(batch).weight, std::vector<double>(3, 0.0));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ModelKinds, testing::ValuesIn(kKinds),
                         [](const auto& info) { return ModelConfig::Kind_Name(info.param); });

TEST(Model, RowsOfWeightZeroDoNotReachTheGradient) {
  Batch batch = SmallBatch(0, 12);
  ModelUnderTest model(SmallJob(ModelConfig::MMOE), SmallInput());
  std::fill(batch.weights.begin() + ptrdiff_t{6} * 3, batch.weights.end(), 0.0f);
  model.Run(batch, kFactor);
  const std::vector<float> masked = model.dense_gradient;
  model.Run(SmallBatch(0, 6), kFactor);
  for (size_t i = 0; i < masked.size(); ++i) ASSERT_NEAR(masked[i], model.dense_gradient[i], 1e-5);
}

TEST(Model, EvaluationHasNoDropout) {
  Job job = SmallJob(ModelConfig::SHARED_BOTTOM);
  const Batch batch = SmallBatch(0, 12);
  ModelUnderTest plain(job, SmallInput());
  job.mutable_model()->set_dropout(0.5f);
  ModelUnderTest dropout(job, SmallInput());
  EXPECT_EQ(plain.Run(batch, kFactor), dropout.Run(batch, kFactor));
  EXPECT_NE(plain.Run(batch, kFactor), dropout.Run(batch, kFactor, {.training = true}));
}

TEST(Model, OutputColumnsFollowTheTasks) {
  ModelUnderTest model(SmallJob(ModelConfig::SHARED_BOTTOM), SmallInput());
  EXPECT_EQ(model.model->outputs_per_row(), 5u);
  EXPECT_EQ(model.model->output_column(0), 0u);
  EXPECT_EQ(model.model->output_column(1), 1u);
  EXPECT_EQ(model.model->output_column(2), 4u);
}

TEST(Prediction, OfEachLoss) {
  const InputSpec input = SmallInput();
  const float score[] = {std::log(3.0f)};
  EXPECT_FLOAT_EQ(Prediction(input.tasks[0], score), 0.75f);
  EXPECT_EQ(Prediction(input.tasks[2], score), score[0]);
  const float classes[] = {std::log(1.0f), std::log(1.0f), std::log(2.0f)};
  EXPECT_FLOAT_EQ(Prediction(input.tasks[1], classes), 0.25f * 1 + 0.5f * 2);
  EXPECT_NEAR(RowLoss(input.tasks[1], classes, 2), std::log(2.0), 1e-7);
  EXPECT_NEAR(RowLoss(input.tasks[0], score, 1), std::log(4.0 / 3), 1e-7);
  EXPECT_NEAR(RowLoss(input.tasks[2], score, 1), std::pow(std::log(3.0) - 1, 2), 1e-7);
}

}  // namespace
}  // namespace primacy
