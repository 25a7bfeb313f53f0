#include "tools/bench/roofline.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tools/bench/machine_rates.h"

namespace primacy::bench {
namespace {

StepBenchOptions Tiny() {
  StepBenchOptions options;
  options.batch = 10;
  options.slots = 2;
  options.dim = 4;
  return options;
}

// 2 single-valued slots and one of 10 values, pooled to 12 inputs; 256 and 128 units; three towers
// of 64.
TEST(StepWork, CountsTheProductsOfSharedBottom) {
  const StepWork work = CountStepWork(Tiny(), 77);
  const std::vector<Product> expected = {
      {10, 256, 12, false, true},  {10, 12, 256},  {256, 12, 10, true},
      {10, 128, 256, false, true}, {10, 256, 128}, {128, 256, 10, true},
      {10, 192, 128, false, true}, {10, 128, 192}, {192, 128, 10, true},
  };
  EXPECT_EQ(work.products, expected);
  EXPECT_EQ(work.rows, 77);
  EXPECT_EQ(work.row_bytes, 16u);
  EXPECT_EQ(work.row_slot_bytes, 16u);
}

TEST(StepWork, CountsExpertsAndGatesOfMmoe) {
  StepBenchOptions options = Tiny();
  options.model = ModelConfig::MMOE;
  const StepWork work = CountStepWork(options, 77);
  ASSERT_EQ(work.products.size(), 12u);
  EXPECT_EQ(work.products[6], (Product{10, 256, 128, false, true}));
  EXPECT_EQ(work.products[9], (Product{10, 12, 128, false, true}));
}

TEST(StepWork, CountsTheBytesThatAreMoved) {
  // By hand: 120 values, 77 unique keys, 12 inputs, 576 hidden units, 192 of them below the scores,
  // weights 12·256 + 256·128 + 128·192 + 192 = 60,608.
  const double keys = 120 * 20 + 77 * 8;
  const double rows = (120 + 2 * 120 + 77) * 16;  // pooling, its gradient, the update
  const double inputs = 2 * 10 * 12;
  const double units = 3 * 10 * 576 + 3 * 10 * 192;
  const double scores = 10 * 3 * 16;
  EXPECT_DOUBLE_EQ(CountStepWork(Tiny(), 77).bytes_moved,
                   keys + rows + scores + 4 * (inputs + units) + 20 * 60'608);
  StepBenchOptions narrow = Tiny();
  narrow.compute = BF16;
  EXPECT_DOUBLE_EQ(CountStepWork(narrow, 77).bytes_moved,
                   keys + rows + scores + 2 * (inputs + units) + 22 * 60'608);
}

TEST(Roofline, IsTheSumOfWorkOverRates) {
  StepWork work;
  work.products = {{.m = 10, .n = 5, .k = 2}, {.m = 1, .n = 2, .k = 3}};
  work.rows = 100;
  work.bytes_moved = 4000;
  const MachineRates rates{{20, 3}, 50, 25, 1000};
  const Roofline roofline = RooflineOf(work, rates);
  EXPECT_DOUBLE_EQ(roofline.products, 200.0 / 20 + 12.0 / 3);
  EXPECT_DOUBLE_EQ(roofline.rows, 2 + 4);
  EXPECT_DOUBLE_EQ(roofline.bytes, 4);
  EXPECT_DOUBLE_EQ(roofline.seconds(), 24);
}

TEST(MachineRates, TakesTheBetterOfEach) {
  const MachineRates better = BetterOf({{1, 5}, 2, 3, 9}, {{4, 2}, 1, 7, 8});
  EXPECT_EQ(better.flops_per_s, (std::vector<double>{4, 5}));
  EXPECT_EQ(better.rows_read_per_s, 2);
  EXPECT_EQ(better.rows_updated_per_s, 7);
  EXPECT_EQ(better.bytes_moved_per_s, 9);
}

TEST(MachineRates, MeasuresOneForEveryProduct) {
  const StepWork work = CountStepWork(Tiny(), 77);
  const Product product{.m = 8, .n = 8, .k = 8};
  for (const Precision precision : {FP32, BF16}) {
    // Older processors have no bf16 in oneDNN.
    if (precision == BF16 && !ProductRate(product, BF16, 0).ok()) continue;
    StepBenchOptions options = Tiny();
    options.compute = precision;
    options.table_rows = 1000;
    const Result<MachineRates> rates = MeasureRates(work, options, 0.0001);
    ASSERT_OK(rates);
    ASSERT_EQ(rates->flops_per_s.size(), work.products.size());
    for (const double rate : rates->flops_per_s) EXPECT_GT(rate, 0);
    EXPECT_GT(rates->rows_read_per_s, 0);
    EXPECT_GT(rates->rows_updated_per_s, 0);
    EXPECT_GT(rates->bytes_moved_per_s, 0);
  }
}

}  // namespace
}  // namespace primacy::bench
