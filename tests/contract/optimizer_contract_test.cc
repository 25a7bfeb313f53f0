// What every update rule promises to tables and dense blocks, whatever its formula.
#include <gtest/gtest.h>

#include <cstring>
#include <tuple>
#include <vector>

#include "common/base/hash.h"
#include "ps/optimizer/optimizer.h"

namespace primacy {
namespace {

constexpr float kGuard = 12345.0f;

class OptimizerContractTest
    : public testing::TestWithParam<std::tuple<OptimizerConfig::Kind, size_t>> {
 protected:
  void SetUp() override { optimizer_ = Make(0); }

  static std::unique_ptr<Optimizer> Make(double l2) {
    OptimizerConfig config;
    config.set_kind(std::get<0>(GetParam()));
    config.set_learning_rate(0.1);
    config.set_initial_accumulator(0.25);
    config.set_l2(l2);
    auto made = MakeOptimizer(config, "table_optimizer");
    CHECK(made.ok()) << made.error().trace();
    return *std::move(made);
  }

  static size_t dim() { return std::get<1>(GetParam()); }
  size_t row_floats() const { return dim() + optimizer_->SlotFloats(dim()); }

  // `count` rows with random weights, initial slots and a guard after each.
  std::vector<float> Rows(size_t count) const {
    std::vector<float> rows(count * (row_floats() + 1), kGuard);
    for (size_t r = 0; r < count; ++r) {
      float* row = rows.data() + r * (row_floats() + 1);
      for (size_t i = 0; i < dim(); ++i) row[i] = Random(r * dim() + i);
      optimizer_->InitialSlots(dim(), row + dim());
    }
    return rows;
  }
  std::vector<float*> Pointers(std::vector<float>& rows) const {
    std::vector<float*> pointers;
    for (size_t at = 0; at < rows.size(); at += row_floats() + 1) pointers.push_back(&rows[at]);
    return pointers;
  }
  static std::vector<float> Gradients(size_t count, uint64_t seed) {
    std::vector<float> gradients(count * dim());
    for (size_t i = 0; i < gradients.size(); ++i) gradients[i] = Random(seed + i);
    return gradients;
  }
  static float Random(uint64_t counter) { return static_cast<float>(RandomNormal(7, counter)); }

  std::unique_ptr<Optimizer> optimizer_;
};

TEST_P(OptimizerContractTest, RowsTogetherAreRowsOneByOne) {
  constexpr size_t kRows = 9;
  std::vector<float> together = Rows(kRows);
  std::vector<float> alone = together;
  const auto pointers = Pointers(together);
  const auto pointers_alone = Pointers(alone);
  for (Step step = 0; step < 3; ++step) {
    const std::vector<float> gradients = Gradients(kRows, 1000 * (step + 1));
    optimizer_->Update({.step = step, .gradient = 0.5f}, dim(), pointers, gradients.data());
    for (size_t r = kRows; r-- > 0;) {
      optimizer_->Update({.step = step, .gradient = 0.5f}, dim(), std::span(&pointers_alone[r], 1),
                         &gradients[r * dim()]);
    }
  }
  EXPECT_EQ(std::memcmp(together.data(), alone.data(), together.size() * sizeof(float)), 0);
}

TEST_P(OptimizerContractTest, WritesNothingBesideItsRows) {
  std::vector<float> rows = Rows(3);
  auto pointers = Pointers(rows);
  pointers.erase(pointers.begin() + 1);
  const std::vector<float> before = rows;
  optimizer_->Update({.step = 0}, dim(), pointers, Gradients(2, 50).data());
  for (size_t r = 0; r < 3; ++r) EXPECT_EQ(rows[r * (row_floats() + 1) + row_floats()], kGuard);
  const size_t second = row_floats() + 1;
  EXPECT_TRUE(std::equal(&before[second], &before[2 * second], &rows[second]));
}

TEST_P(OptimizerContractTest, MovesAgainstTheGradient) {
  std::vector<float> rows = Rows(1);
  const std::vector<float> before = rows;
  const std::vector<float> gradients = Gradients(1, 77);
  optimizer_->Update({.step = 0}, dim(), Pointers(rows), gradients.data());
  for (size_t i = 0; i < dim(); ++i) EXPECT_LT((rows[i] - before[i]) * gradients[i], 0) << i;
}

TEST_P(OptimizerContractTest, ZeroGradientHoldsANewRowStill) {
  std::vector<float> rows = Rows(2);
  const std::vector<float> before = rows;
  optimizer_->Update({.step = 3}, dim(), Pointers(rows), std::vector<float>(2 * dim()).data());
  EXPECT_EQ(rows, before);
}

TEST_P(OptimizerContractTest, ScaleIsAFactorOnTheGradient) {
  std::vector<float> scaled = Rows(1);
  std::vector<float> plain = scaled;
  std::vector<float> gradients = Gradients(1, 5);
  optimizer_->Update({.step = 0, .gradient = 0.25f}, dim(), Pointers(scaled), gradients.data());
  for (float& gradient : gradients) gradient *= 0.25f;
  optimizer_->Update({.step = 0}, dim(), Pointers(plain), gradients.data());
  EXPECT_EQ(scaled, plain);
}

TEST_P(OptimizerContractTest, TheRateIsAFactorOnTheMove) {
  std::vector<float> faster = Rows(1);
  std::vector<float> plain = faster;
  const std::vector<float> before = faster;
  const std::vector<float> gradients = Gradients(1, 7);
  optimizer_->Update({.step = 0, .rate = 3}, dim(), Pointers(faster), gradients.data());
  optimizer_->Update({.step = 0}, dim(), Pointers(plain), gradients.data());
  for (size_t i = 0; i < dim(); ++i) {
    const double move = plain[i] - before[i];
    EXPECT_NEAR(faster[i] - before[i], 3 * move, 1e-4 * std::abs(move) + 1e-6) << i;
  }
}

TEST_P(OptimizerContractTest, L2IsPartOfTheGradientAfterScaling) {
  const auto decayed = Make(0.5);
  std::vector<float> rows = Rows(1);
  std::vector<float> plain = rows;
  std::vector<float> gradients = Gradients(1, 6);
  decayed->Update({.step = 0, .gradient = 0.25f}, dim(), Pointers(rows), gradients.data());
  for (size_t i = 0; i < dim(); ++i) gradients[i] = gradients[i] * 0.25f + 0.5f * plain[i];
  optimizer_->Update({.step = 0}, dim(), Pointers(plain), gradients.data());
  EXPECT_EQ(rows, plain);
}

INSTANTIATE_TEST_SUITE_P(
    AllKindsAndDims, OptimizerContractTest,
    testing::Combine(testing::Values(OptimizerConfig::SGD, OptimizerConfig::ADAGRAD,
                                     OptimizerConfig::ROWWISE_ADAGRAD, OptimizerConfig::ADAM),
                     testing::Values(1, 4, 7, 16, 33, 64)),
    [](const auto& info) {
      return OptimizerConfig::Kind_Name(std::get<0>(info.param)) + "_" +
             std::to_string(std::get<1>(info.param));
    });

}  // namespace
}  // namespace primacy
