// A whole NMT job of two stages, step by step once more in double precision: gather, forward,
// gradients by central differences, clip, SGD, multipliers. It shares with the code under test the
// rows of the steps and the initial values, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "common/base/hash.h"
#include "ps/checkpoint/generation.h"
#include "ps/table/row_init.h"
#include "tests/support/local_run.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/tiny_log.h"
#include "tests/worker/model/reference_model.h"
#include "worker/data/batch_reader.h"
#include "worker/trainer/worker_log.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

constexpr double kTableRate = 0.5, kDenseRate = 0.2, kClipNorm = 0.3, kLambdaRate = 100;
constexpr int kBatchRows = 24, kSteps = 5;

struct Parameters {
  std::vector<double> dense;
  std::map<Key, std::vector<double>> rows;
};

class Oracle {
 public:
  Oracle(const Job& job, const std::string& log) : job_(job), log_(log, 1 << 20) {
    auto train = log_.Open("train");
    CHECK(train.ok());
    train_ = *train;
    auto input = MakeInputSpec(train_->directory->schema(), job);
    CHECK(input.ok());
    input_ = *input;
    auto model = Model::Create(job, input_);
    CHECK(model.ok());
    spec_ = (*model)->parameters();
  }

  Parameters Initial() const {
    const DenseLayout layout(spec_);
    Parameters initial;
    initial.dense.assign(layout.flat_size(), 0);
    for (int t = 0; t < spec_.tensor_size(); ++t) {
      for (size_t i = 0; i < layout.tensor_size(t); ++i) {
        initial.dense[layout.tensor_begin(t) + i] = InitialDenseValue(
            job_.training().seed(), spec_.tensor(t), HashBytes(spec_.tensor(t).name()), i);
      }
    }
    return initial;
  }

  // Mean losses of the tasks over a batch.
  std::vector<double> Losses(Parameters& at, const Batch& batch) const {
    ReferenceModel model = ModelAt(at, batch);
    std::vector<double> losses;
    for (const double weight : WeightSums(batch)) {
      std::vector<double> factor(2, 0.0);
      factor[losses.size()] = 1 / weight;
      losses.push_back(model.Objective(batch, factor, {}));
    }
    return losses;
  }

  // One step with the given weight of each task's mean loss.
  void Step(Parameters& at, const Batch& batch, const std::vector<double>& weight) const {
    ReferenceModel model = ModelAt(at, batch);
    std::vector<double> factor = WeightSums(batch);
    for (size_t t = 0; t < factor.size(); ++t) factor[t] = weight[t] / factor[t];
    const std::vector<double> dense = Gradient(model, model.dense, batch, factor);
    const std::vector<double> rows = Gradient(model, model.tables[0], batch, factor);
    double squares = 0;
    for (const double g : dense) squares += g * g;
    for (const double g : rows) squares += g * g;
    const double scale = std::min(1.0, kClipNorm / std::sqrt(squares));
    clipped_ += scale < 1;
    for (size_t i = 0; i < dense.size(); ++i) at.dense[i] -= kDenseRate * scale * dense[i];
    const size_t dim = static_cast<size_t>(input_.table_dims[0]);
    for (size_t k = 0; k < batch.tables[0].keys.size(); ++k) {
      for (size_t c = 0; c < dim; ++c) {
        at.rows[batch.tables[0].keys[k]][c] -= kTableRate * scale * rows[k * dim + c];
      }
    }
  }

  std::vector<Batch> Batches(int stage) const {
    BatchReader reader(train_->cached, input_, MakePlanOptions(job_, stage), ConsecutiveSteps(0),
                       {});
    std::vector<Batch> batches;
    for (int step = 0; step < kSteps; ++step) {
      auto batch = reader.Next();
      CHECK(batch.ok() && batch->has_value());
      batches.push_back(**std::move(batch));
    }
    return batches;
  }

  int clipped() const { return clipped_; }
  const ParameterSpec& spec() const { return spec_; }

 private:
  static std::vector<double> WeightSums(const Batch& batch) {
    std::vector<double> sums(2, 0.0);
    for (size_t i = 0; i < batch.weights.size(); ++i) sums[i % 2] += batch.weights[i];
    return sums;
  }

  // Rows that are not there yet are made: a key without an update reads as its initial value.
  ReferenceModel ModelAt(Parameters& at, const Batch& batch) const {
    const size_t dim = static_cast<size_t>(input_.table_dims[0]);
    const std::vector<float> nothing(batch.tables[0].keys.size() * dim);
    ReferenceModel model(job_, input_, spec_, {{nothing.data()}, {}}, batch);
    model.dense = at.dense;
    model.tables[0].clear();
    for (const Key key : batch.tables[0].keys) {
      std::vector<double>& row = at.rows[key];
      if (row.empty()) {
        std::vector<float> initial(dim);
        float* const out = initial.data();
        InitialRows(job_.training().seed(), spec_.table(0).init_stddev(), dim, {&key, 1}, &out);
        row.assign(initial.begin(), initial.end());
      }
      model.tables[0].insert(model.tables[0].end(), row.begin(), row.end());
    }
    return model;
  }

  static std::vector<double> Gradient(ReferenceModel& model, std::vector<double>& values,
                                      const Batch& batch, const std::vector<double>& factor) {
    constexpr double kStep = 1e-6;
    std::vector<double> gradient;
    for (double& value : values) {
      const double centre = value;
      value = centre + kStep;
      const double above = model.Objective(batch, factor, {});
      value = centre - kStep;
      gradient.push_back((above - model.Objective(batch, factor, {})) / (2 * kStep));
      value = centre;
    }
    return gradient;
  }

  const Job job_;
  WorkerLog log_;
  std::optional<WorkerLog::Slice> train_;
  InputSpec input_;
  ParameterSpec spec_;
  mutable int clipped_ = 0;
};

Parameters Stored(const std::string& generation) {
  const Result<Manifest> manifest = ReadManifest(generation);
  CHECK(manifest.ok());
  const DenseLayout layout(manifest->parameters());
  Parameters stored;
  stored.dense.assign(layout.flat_size(), 0);
  auto files = OpenShardFiles(generation, *manifest);
  CHECK(files.ok());
  for (const auto& file : *files) {
    ShardFileReader::Visitor visitor;
    visitor.row = [&](uint32_t, const StoredRow& row) {
      stored.rows[row.key].assign(row.floats.begin(), row.floats.end());
      return Ok();
    };
    visitor.block = [&](uint32_t, const StoredBlock& block) {
      std::copy(block.floats.begin(), block.floats.end(),
                stored.dense.begin() + layout.tensor_begin(block.tensor) +
                    block.number * kDenseBlockFloats);
      return Ok();
    };
    CHECK(file->Visit(file->shards(), visitor).ok());
  }
  return stored;
}

TEST(JobOracleTest, TwoStagesAgreeWithTheFormulas) {
  TempDir dir;
  TinyLogOptions options;
  options.train_rows = uint64_t{kBatchRows} * kSteps;
  options.holdout_rows = options.test_rows = 40;
  options.users = 12;
  options.items = 8;
  WriteTinyLog(dir / "log", options);
  Job job = TinyJob(
      dir / "log",
      {"data.ignore_slot=tags", "model.embedding_dim=2", "model.bottom=4", "model.tower=3",
       "table_optimizer.kind=SGD", "table_optimizer.learning_rate=0.5", "dense_optimizer.kind=SGD",
       "dense_optimizer.learning_rate=0.2", "dense_optimizer.l2=0", "training.clip_norm=0.3",
       "training.batch_rows=24", "training.passes_max=1", "priority.lambda_rate=100",
       "priority.signal=TRAIN", "priority.lambda_start=1", "model.embedding_stddev=0.5"});
  job.mutable_model()->clear_group_dim();
  job.mutable_task()->RemoveLast();
  const RunSpec run{dir / "run", job, 2, 2};
  ASSERT_OK(RunJob(run));
  const Manifest manifest = NewestManifest(run.dir);
  ASSERT_EQ(manifest.state().finished_stage_size(), 2);

  Oracle oracle(job, dir / "log");
  // Stage 1: the first task alone.
  Parameters first = oracle.Initial();
  for (const Batch& batch : oracle.Batches(0)) oracle.Step(first, batch, {1, 0});
  // Its bound: the mean over all train rows of the model that was kept, here the last one.
  double loss = 0, weight = 0;
  for (const Batch& batch : oracle.Batches(0)) {
    double batch_weight = 0;
    for (size_t row = 0; row < batch.rows; ++row) batch_weight += batch.weights[2 * row];
    loss += oracle.Losses(first, batch)[0] * batch_weight;
    weight += batch_weight;
  }
  const double bound = loss / weight;
  EXPECT_NEAR(manifest.state().bound(0), bound, 1e-5);
  // Stage 2: anew, with λ from 1.
  Parameters second = oracle.Initial();
  double lambda = 1;
  const double rate = kLambdaRate * kBatchRows / 512;
  for (const Batch& batch : oracle.Batches(1)) {
    const double violation = oracle.Losses(second, batch)[0] - bound;
    oracle.Step(second, batch, {lambda / (1 + lambda), 1 / (1 + lambda)});
    lambda = std::max(0.0, lambda + rate * violation);
  }
  EXPECT_GT(std::fabs(lambda - 1), 0.05) << "λ must move for the test to say something";
  EXPECT_GT(oracle.clipped(), 0);
  EXPECT_NEAR(manifest.state().finished_stage(1).model().lambda(0), lambda, 1e-4 * rate);

  const Parameters stored = Stored(NewestDirectory(run.dir));
  ASSERT_EQ(stored.dense.size(), second.dense.size());
  for (size_t i = 0; i < stored.dense.size(); ++i)
    EXPECT_NEAR(stored.dense[i], second.dense[i], 2e-5) << i;
  ASSERT_EQ(stored.rows.size(), second.rows.size());
  for (const auto& [key, row] : second.rows) {
    ASSERT_TRUE(stored.rows.contains(key));
    for (size_t c = 0; c < row.size(); ++c) EXPECT_NEAR(stored.rows.at(key)[c], row[c], 2e-5);
  }
}

}  // namespace
}  // namespace primacy
