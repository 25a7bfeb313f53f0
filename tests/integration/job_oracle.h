// The training of a small job of two tasks once more in double precision: gather, forward,
// gradients by central differences, clip, SGD. It shares with the code under test the rows of the
// steps and the initial values, and nothing else.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/hash.h"
#include "ps/checkpoint/generation.h"
#include "ps/table/row_init.h"
#include "tests/support/local_run.h"
#include "tests/support/tiny_log.h"
#include "tests/worker/model/reference_model.h"
#include "worker/data/batch_reader.h"
#include "worker/trainer/worker_log.h"

namespace primacy::testing_support {

inline constexpr double kTableRate = 0.5, kDenseRate = 0.2, kClipNorm = 0.3;
inline constexpr int kBatchRows = 24, kSteps = 5;

// The log and the job that the oracle is for.
inline Job OracleJob(const std::string& log, const std::vector<std::string>& overrides) {
  TinyLogOptions options;
  options.train_rows = uint64_t{kBatchRows} * kSteps;
  options.holdout_rows = options.test_rows = 40;
  options.users = 12;
  options.items = 8;
  WriteTinyLog(log, options);
  std::vector<std::string> all = {"data.ignore_slot=tags",
                                  "model.embedding_dim=2",
                                  "model.bottom=4",
                                  "model.tower=3",
                                  "table_optimizer.kind=SGD",
                                  "table_optimizer.learning_rate=0.5",
                                  "dense_optimizer.kind=SGD",
                                  "dense_optimizer.learning_rate=0.2",
                                  "dense_optimizer.l2=0",
                                  "training.clip_norm=0.3",
                                  "training.batch_rows=24",
                                  "training.passes_max=1",
                                  "model.embedding_stddev=0.5"};
  all.insert(all.end(), overrides.begin(), overrides.end());
  Job job = TinyJob(log, all);
  job.mutable_model()->clear_group_dim();
  job.mutable_task()->RemoveLast();
  return job;
}

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

  // Of Σ weight · mean loss: dense tensors (flat), rows of the batch [unique, dim].
  struct Gradients {
    std::vector<double> dense, rows;
  };
  Gradients GradientsOf(Parameters& at, const Batch& batch,
                        const std::vector<double>& weight) const {
    ReferenceModel model = ModelAt(at, batch);
    std::vector<double> factor = WeightSums(batch);
    for (size_t t = 0; t < factor.size(); ++t) factor[t] = weight[t] / factor[t];
    return {Gradient(model, model.dense, batch, factor),
            Gradient(model, model.tables[0], batch, factor)};
  }

  // One step with the given weight of each task's mean loss.
  void Step(Parameters& at, const Batch& batch, const std::vector<double>& weight) const {
    Move(at, batch, GradientsOf(at, batch, weight));
  }

  // Clips, and moves against the gradients.
  void Move(Parameters& at, const Batch& batch, const Gradients& gradients) const {
    const auto& [dense, rows] = gradients;
    double squares = 0;
    for (const double g : dense) squares += g * g;
    for (const double g : rows) squares += g * g;
    const double scale = std::min(1.0, kClipNorm / std::sqrt(squares));
    clipped_ += scale < 1;
    for (size_t i = 0; i < dense.size(); ++i) at.dense[i] -= kDenseRate * scale * dense[i];
    const size_t dim = static_cast<size_t>(input_.table_dims[0]);
    for (size_t k = 0; k < batch.tables[0].keys.size(); ++k) {
      for (size_t c = 0; c < dim; ++c) {
        at.rows[batch.tables[0].keys[k]][c] -= kTableRate * table_rate_ * scale * rows[k * dim + c];
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
  // Factor on the tables' learning rate from here on: the effective number of tasks.
  void set_table_rate(double factor) { table_rate_ = factor; }
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
  double table_rate_ = 1;
};

inline Parameters Stored(const std::string& generation) {
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

inline void ExpectStored(const Parameters& stored, const Parameters& computed, double tolerance) {
  ASSERT_EQ(stored.dense.size(), computed.dense.size());
  for (size_t i = 0; i < stored.dense.size(); ++i)
    EXPECT_NEAR(stored.dense[i], computed.dense[i], tolerance) << i;
  ASSERT_EQ(stored.rows.size(), computed.rows.size());
  for (const auto& [key, row] : computed.rows) {
    ASSERT_TRUE(stored.rows.contains(key));
    for (size_t c = 0; c < row.size(); ++c) EXPECT_NEAR(stored.rows.at(key)[c], row[c], tolerance);
  }
}

}  // namespace primacy::testing_support
