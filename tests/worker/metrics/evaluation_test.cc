#include "worker/metrics/evaluation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "common/base/hash.h"
#include "tests/support/result_matchers.h"
#include "worker/metrics/metrics.h"

namespace primacy {
namespace {

constexpr size_t kTasks = 4;

// click and like are logistic, time squared, rating softmax.
EvaluationSpec MakeSpec() {
  EvaluationSpec spec;
  spec.tasks = {{"click", TaskConfig::LOGISTIC, true},
                {"time", TaskConfig::SQUARED, true},
                {"rating", TaskConfig::SOFTMAX, true},
                {"like", TaskConfig::LOGISTIC, false}};
  return spec;
}

struct Slice {
  std::vector<uint32_t> block_rows;
  std::vector<float> predictions;
  std::vector<double> losses;
  std::vector<float> labels;
  std::vector<float> weights;
  std::vector<uint64_t> groups;
};

Slice RandomSlice(uint64_t seed) {
  Slice slice;
  slice.block_rows = {37, 1, 200, 64, 5, 100, 33};
  uint64_t draw = 0;
  size_t rows = 0;
  for (const uint32_t block : slice.block_rows) rows += block;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t t = 0; t < kTasks; ++t) {
      slice.predictions.push_back(static_cast<float>(RandomUniform(seed, draw++)));
      slice.losses.push_back(RandomUniform(seed, draw++) * 3);
      slice.labels.push_back(RandomUniform(seed, draw++) < 0.4 ? 1.0f : 0.0f);
      slice.weights.push_back(RandomBelow(seed, draw++, 4) == 0 ? 0.0f : 0.3f);
    }
    slice.groups.push_back(RandomBelow(seed, draw++, 30));
  }
  return slice;
}

// What `workers` workers gather when worker b mod workers evaluates block b in batches of `batch`
// rows.
std::vector<std::string> Gathered(const EvaluationSpec& spec, const Slice& slice, uint32_t workers,
                                  uint32_t batch, bool with_groups = true) {
  std::vector<EvaluationPart> parts(workers, EvaluationPart(spec));
  size_t block_begin = 0;
  for (uint32_t b = 0; b < slice.block_rows.size(); ++b) {
    for (uint32_t row = 0; row < slice.block_rows[b]; row += batch) {
      ScoredRows rows;
      rows.rows = std::min(batch, slice.block_rows[b] - row);
      const size_t first = block_begin + row;
      const auto values = [&](const auto& all) {
        return std::span(all).subspan(first * kTasks, rows.rows * kTasks);
      };
      rows.predictions = values(slice.predictions);
      rows.losses = values(slice.losses);
      rows.labels = values(slice.labels);
      rows.weights = values(slice.weights);
      if (with_groups) rows.group_ids = std::span(slice.groups).subspan(first, rows.rows);
      parts[b % workers].Add(b, rows);
    }
    block_begin += slice.block_rows[b];
  }
  std::vector<std::string> bytes;
  for (const EvaluationPart& part : parts) bytes.push_back(part.Serialize());
  return bytes;
}

EvaluateResult Merged(const EvaluationSpec& spec, const Slice& slice, uint32_t workers,
                      uint32_t batch) {
  const auto blocks = static_cast<uint32_t>(slice.block_rows.size());
  Result<EvaluateResult> result =
      MergeEvaluation(spec, blocks, Gathered(spec, slice, workers, batch));
  CHECK(result.ok()) << result.error().trace();
  return *result;
}

TEST(EvaluationTest, HandValues) {
  EvaluationSpec spec;
  spec.tasks = {{"click", TaskConfig::LOGISTIC, true}, {"time", TaskConfig::SQUARED, true}};
  EvaluationPart part(spec);
  const std::vector<float> predictions = {.75f, 2, .25f, 4, .5f, 0};
  const std::vector<double> losses = {1, 4, 2, 9, 7, 7};
  const std::vector<float> labels = {1, 4, 0, 1, 1, 0};
  const std::vector<float> weights = {1, 1, 3, 1, 0, 2};
  const std::vector<uint64_t> groups = {5, 5, 5};
  part.Add(0, {3, predictions, losses, labels, weights, groups});
  const std::vector<std::string> bytes = {part.Serialize()};
  const Result<EvaluateResult> result = MergeEvaluation(spec, 1, bytes);
  ASSERT_OK(result);

  EXPECT_EQ(result->rows(), 3);
  const TaskMetrics& click = result->task(0);
  EXPECT_EQ(click.task(), "click");
  EXPECT_EQ(click.rows(), 2);
  EXPECT_DOUBLE_EQ(click.weight(), 4);
  EXPECT_DOUBLE_EQ(click.loss(), (1 * 1 + 3 * 2) / 4.0);
  EXPECT_DOUBLE_EQ(click.label_mean(), 0.25);
  EXPECT_DOUBLE_EQ(click.calibration(), 0.75 + 3 * 0.25);
  EXPECT_DOUBLE_EQ(click.squared_error(), (0.0625 + 3 * 0.0625) / 4);
  EXPECT_DOUBLE_EQ(click.auc(), 1);
  EXPECT_DOUBLE_EQ(click.gauc(), 1);
  EXPECT_EQ(click.gauc_groups(), 1);
  const TaskMetrics& time = result->task(1);
  EXPECT_EQ(time.rows(), 3);
  EXPECT_DOUBLE_EQ(time.loss(), (4 + 9 + 2 * 7) / 4.0);
  EXPECT_DOUBLE_EQ(time.squared_error(), (4 + 9 + 0) / 4.0);
  EXPECT_FALSE(time.has_auc());
  EXPECT_FALSE(time.has_calibration());
}

TEST(EvaluationTest, SameBitsForAnyNumberOfWorkersAndBatchSize) {
  const EvaluationSpec spec = MakeSpec();
  const Slice slice = RandomSlice(3);
  const std::string expected = Merged(spec, slice, 1, 1000).SerializeAsString();
  for (const uint32_t workers : {1u, 2u, 3u, 5u, 7u, 9u}) {
    for (const uint32_t batch : {1u, 7u, 64u, 1000u}) {
      EXPECT_EQ(Merged(spec, slice, workers, batch).SerializeAsString(), expected)
          << workers << " workers, batches of " << batch;
    }
  }
}

TEST(EvaluationTest, RankingsAreThoseOfAllRowsTogether) {
  const Slice slice = RandomSlice(5);
  std::vector<float> predictions;
  std::vector<float> labels;
  std::vector<float> weights;
  double predicted = 0, observed = 0;
  for (size_t i = 0; i < slice.groups.size(); ++i) {
    predictions.push_back(slice.predictions[i * kTasks]);
    labels.push_back(slice.labels[i * kTasks]);
    weights.push_back(slice.weights[i * kTasks]);
    predicted += double{weights[i]} * predictions[i];
    observed += double{weights[i]} * labels[i];
  }
  const TaskMetrics click = Merged(MakeSpec(), slice, 3, 10).task(0);
  EXPECT_EQ(click.auc(), *Auc(predictions, labels, weights));
  const GroupAuc gauc = Gauc(predictions, labels, weights, slice.groups);
  EXPECT_EQ(click.gauc(), *gauc.value);
  EXPECT_EQ(click.gauc_groups(), gauc.groups);
  EXPECT_NEAR(click.calibration(), predicted / observed, 1e-12);
}

TEST(EvaluationTest, EachKindOfTaskHasItsMetrics) {
  const EvaluateResult result = Merged(MakeSpec(), RandomSlice(1), 2, 50);
  ASSERT_EQ(result.task_size(), 4);
  EXPECT_TRUE(result.task(0).has_auc() && result.task(0).has_gauc() &&
              result.task(0).has_calibration() && result.task(0).has_squared_error());
  EXPECT_TRUE(result.task(1).has_squared_error() && result.task(1).has_label_mean());
  EXPECT_FALSE(result.task(1).has_auc() || result.task(1).has_calibration());
  EXPECT_TRUE(result.task(2).has_loss() && result.task(2).has_squared_error());
  EXPECT_FALSE(result.task(2).has_auc() || result.task(2).has_label_mean());
  // An inactive task only has its name.
  TaskMetrics name_only;
  name_only.set_task("like");
  EXPECT_EQ(result.task(3).SerializeAsString(), name_only.SerializeAsString());
}

TEST(EvaluationTest, LossesOnlySendsNoRows) {
  EvaluationSpec spec = MakeSpec();
  const Slice slice = RandomSlice(2);
  const EvaluateResult full = Merged(spec, slice, 2, 10);
  spec.losses_only = true;
  const std::vector<std::string> parts = Gathered(spec, slice, 2, 10);
  EXPECT_EQ(parts[0].size() + parts[1].size(), size_t{2} * 32 + size_t{7} * (8 + kTasks * 48));
  const EvaluateResult losses = Merged(spec, slice, 2, 10);
  for (size_t t = 0; t < kTasks; ++t) {
    EXPECT_EQ(losses.task(t).loss(), full.task(t).loss());
    EXPECT_EQ(losses.task(t).weight(), full.task(t).weight());
    EXPECT_FALSE(losses.task(t).has_auc());
  }
  EXPECT_EQ(losses.rows(), full.rows());
}

TEST(EvaluationTest, NoGaucWithoutGroups) {
  const EvaluationSpec spec = MakeSpec();
  const Result<EvaluateResult> result =
      MergeEvaluation(spec, 7, Gathered(spec, RandomSlice(2), 2, 10, false));
  ASSERT_OK(result);
  EXPECT_TRUE(result->task(0).has_auc());
  EXPECT_FALSE(result->task(0).has_gauc());
}

TEST(EvaluationTest, RefusesMissingAndRepeatedBlocks) {
  const EvaluationSpec spec = MakeSpec();
  std::vector<std::string> parts = Gathered(spec, RandomSlice(2), 2, 10);
  EXPECT_FALSE(MergeEvaluation(spec, 8, parts).ok());
  EXPECT_FALSE(MergeEvaluation(spec, 7, std::span(parts).first(1)).ok());
  EXPECT_FALSE(MergeEvaluation(spec, 7, std::span(parts).last(1)).ok());
  parts.push_back(parts[0]);
  EXPECT_FALSE(MergeEvaluation(spec, 7, parts).ok());
}

TEST(EvaluationTest, RefusesBytesThatAreNotAPart) {
  const EvaluationSpec spec = MakeSpec();
  const std::string good = Gathered(spec, RandomSlice(2), 1, 10)[0];
  ASSERT_OK(EvaluationPart::Parse(spec, good));
  for (const size_t size : {size_t{0}, size_t{31}, size_t{32}, good.size() - 1}) {
    EXPECT_FALSE(EvaluationPart::Parse(spec, good.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(EvaluationPart::Parse(spec, good + "x").ok());
  // Counts that would need more memory than there is are refused before anything is allocated.
  for (const size_t at : {0, 4, 8, 12, 16, 24}) {
    std::string changed = good;
    const uint64_t huge = ~uint64_t{0} / 3;
    std::memcpy(changed.data() + at, &huge, sizeof(huge));
    EXPECT_FALSE(EvaluationPart::Parse(spec, changed).ok()) << at;
  }
  // A block's row count that does not add up.
  std::string changed = good;
  changed[32 + 4] ^= 1;
  EXPECT_FALSE(EvaluationPart::Parse(spec, changed).ok());
  EvaluationSpec other = spec;
  other.tasks[3].active = true;
  EXPECT_FALSE(EvaluationPart::Parse(other, good).ok());
}

TEST(EvaluationTest, EmptySliceHasNoMetrics) {
  const EvaluationSpec spec = MakeSpec();
  const std::vector<std::string> parts = {EvaluationPart(spec).Serialize()};
  const Result<EvaluateResult> result = MergeEvaluation(spec, 0, parts);
  ASSERT_OK(result);
  EXPECT_EQ(result->rows(), 0);
  EXPECT_EQ(result->task(0).rows(), 0);
  EXPECT_FALSE(result->task(0).has_loss());
}

}  // namespace
}  // namespace primacy
