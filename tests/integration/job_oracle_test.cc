// A whole NMT job of two stages against the oracle, with its multipliers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/integration/job_oracle.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

constexpr double kLambdaRate = 100;

TEST(JobOracleTest, TwoStagesAgreeWithTheFormulas) {
  TempDir dir;
  const Job job = OracleJob(dir / "log", {"priority.lambda_rate=100", "priority.signal=TRAIN",
                                          "priority.lambda_start=1"});
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
  // Stage 2: anew, with λ from 1, so that two equal weights begin it.
  Parameters second = oracle.Initial();
  oracle.set_table_rate(2);
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

  ExpectStored(Stored(NewestDirectory(run.dir)), second, 2e-5);
}

}  // namespace
}  // namespace primacy
