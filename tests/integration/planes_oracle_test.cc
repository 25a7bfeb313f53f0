// Jobs whose gradients are weighed on the servers against the oracle: gradients of each task alone,
// their products over the shared parameters, the method's weights, and the update.
#include <gtest/gtest.h>

#include <cmath>

#include "ps/priority/methods.h"
#include "tests/integration/job_oracle.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"

namespace primacy {
namespace {

using namespace testing_support;  // NOLINT: a test

using Gradients = Oracle::Gradients;

// Elements of the flat buffer that belong to several tasks.
std::vector<bool> SharedElements(const ParameterSpec& spec) {
  const DenseLayout layout(spec);
  std::vector<bool> shared(layout.flat_size(), false);
  for (int t = 0; t < spec.tensor_size(); ++t) {
    for (size_t i = 0; i < layout.tensor_size(t); ++i)
      shared[layout.tensor_begin(t) + i] = spec.tensor(t).owner_task() < 0;
  }
  return shared;
}

double SharedProduct(const Gradients& a, const Gradients& b, const std::vector<bool>& shared) {
  double sum = 0;
  for (size_t i = 0; i < a.dense.size(); ++i) sum += shared[i] ? a.dense[i] * b.dense[i] : 0;
  for (size_t i = 0; i < a.rows.size(); ++i) sum += a.rows[i] * b.rows[i];
  return sum;
}

Gradients Weigh(const std::vector<Gradients>& tasks, const std::vector<double>& weight,
                const std::vector<bool>& shared) {
  Gradients sum{std::vector<double>(tasks[0].dense.size()),
                std::vector<double>(tasks[0].rows.size())};
  for (size_t t = 0; t < tasks.size(); ++t) {
    for (size_t i = 0; i < sum.dense.size(); ++i)
      sum.dense[i] += (shared[i] ? weight[t] : 1.0) * tasks[t].dense[i];
    for (size_t i = 0; i < sum.rows.size(); ++i) sum.rows[i] += weight[t] * tasks[t].rows[i];
  }
  return sum;
}

class PlanesOracleTest : public testing::TestWithParam<PriorityConfig::Method> {};

TEST_P(PlanesOracleTest, AgreesWithTheFormulas) {
  TempDir dir;
  const Job job =
      OracleJob(dir / "log", {"priority.method=" + PriorityConfig::Method_Name(GetParam()),
                              "priority.gradnorm_rate=0.5", "priority.metabalance_beta=0.5"});
  const RunSpec run{dir / "run", job, 2, 2};
  ASSERT_OK(RunJob(run));

  Oracle oracle(job, dir / "log");
  oracle.set_table_rate(2);  // two tasks
  const std::vector<bool> shared = SharedElements(oracle.spec());
  const auto weigher = MakeUpdateWeigher(job, {});
  Parameters at = oracle.Initial();
  double apart = 0;  // how far the weights are from each other
  for (const Batch& batch : oracle.Batches(0)) {
    const std::vector<Gradients> tasks = {oracle.GradientsOf(at, batch, {1, 0}),
                                          oracle.GradientsOf(at, batch, {0, 1})};
    PlaneProducts products{batch.step, {0, 1}, oracle.Losses(at, batch), SquareMatrix(2)};
    for (size_t i = 0; i < 2; ++i) {
      for (size_t j = 0; j < 2; ++j)
        products.gram.at(i, j) = SharedProduct(tasks[i], tasks[j], shared);
    }
    const std::vector<double> weights = weigher->Weigh(products);
    apart = std::max(apart, std::fabs(weights[0] - weights[1]));
    oracle.Move(at, batch, Weigh(tasks, weights, shared));
  }
  if (GetParam() != PriorityConfig::PCGRAD) {
    EXPECT_GT(apart, 0.02) << "equal weights would say nothing";
  }
  EXPECT_GT(oracle.clipped(), 0);
  ExpectStored(Stored(NewestDirectory(run.dir)), at, 2e-5);
  EXPECT_EQ(NewestManifest(run.dir).state().weighing_updates(), kSteps);
}

INSTANTIATE_TEST_SUITE_P(Methods, PlanesOracleTest,
                         testing::Values(PriorityConfig::GRADNORM, PriorityConfig::MGDA,
                                         PriorityConfig::PCGRAD, PriorityConfig::CAGRAD,
                                         PriorityConfig::IMTL_G, PriorityConfig::NASH_MTL,
                                         PriorityConfig::METABALANCE, PriorityConfig::PE_LTR,
                                         PriorityConfig::EMTL),
                         [](const auto& info) { return PriorityConfig::Method_Name(info.param); });

}  // namespace
}  // namespace primacy
