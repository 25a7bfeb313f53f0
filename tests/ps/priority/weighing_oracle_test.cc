// Every way of weighing against values of another implementation (oracle/weighing_oracle.py).
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "ps/priority/cagrad.h"
#include "ps/priority/dwa.h"
#include "ps/priority/emtl.h"
#include "ps/priority/famo.h"
#include "ps/priority/gradnorm.h"
#include "ps/priority/imtl_g.h"
#include "ps/priority/metabalance.h"
#include "ps/priority/mgda.h"
#include "ps/priority/nash_mtl.h"
#include "ps/priority/pcgrad.h"
#include "ps/priority/pe_ltr.h"
#include "ps/priority/uncertainty.h"

namespace primacy {
namespace {

using Values = std::vector<double>;
using Case = std::map<std::string, Values>;

const std::map<std::string, Case>& Cases() {
  static const auto* cases = [] {
    auto* read = new std::map<std::string, Case>();
    std::ifstream file(PRIMACY_WEIGHING_VALUES);
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream words(line);
      std::string name, what;
      words >> name >> what;
      double number = 0;
      while (words >> number) (*read)[name][what].push_back(number);
    }
    return read;
  }();
  return *cases;
}

class WeighingOracleTest : public testing::TestWithParam<std::string> {
 protected:
  const Values& Stored(const std::string& what) const { return Cases().at(GetParam()).at(what); }
  size_t tasks() const { return Stored("mgda").size(); }

  // Products of the gradients, the i-th scaled by scale[i].
  GramProblem Problem(Step step, std::span<const double> losses,
                      std::span<const double> scale) const {
    const size_t n = tasks();
    GramProblem problem{step, {}, {losses.begin(), losses.end()}, SquareMatrix(n)};
    for (size_t i = 0; i < n; ++i) {
      problem.tasks.push_back(static_cast<int>(i));
      for (size_t j = 0; j < n; ++j)
        problem.gram.at(i, j) = Stored("gram")[i * n + j] * scale[i] * scale[j];
    }
    return problem;
  }

  // `steps` updates with the losses and, where `what` has them, the scales of the case.
  Values Run(GramWeighing& method, size_t steps, bool scaled) const {
    const size_t n = tasks();
    Values weights;
    for (size_t step = 0; step < steps; ++step) {
      const Values ones(n, 1.0);
      const std::span<const double> losses = std::span(Stored("losses")).subspan(step % 6 * n, n);
      const std::span<const double> scale =
          scaled ? std::span(Stored("scales")).subspan(step * n, n) : std::span(ones);
      const auto solved = method.Solve(Problem(static_cast<Step>(step), losses, scale));
      if (!solved.has_value()) return {};
      weights.insert(weights.end(), solved->begin(), solved->end());
    }
    return weights;
  }

  Values Run(LossWeighing& method) const {
    const size_t n = tasks();
    Values weights;
    for (size_t step = 0; step * n < Stored("losses").size(); ++step) {
      const Values now = method.Weights();
      weights.insert(weights.end(), now.begin(), now.end());
      method.Observe(std::span(Stored("losses")).subspan(step * n, n), std::vector<bool>(n, true));
    }
    return weights;
  }

  void ExpectStored(const std::string& what, const Values& weights, double tolerance) const {
    const Values& stored = Stored(what);
    ASSERT_EQ(weights.size(), stored.size()) << what;
    for (size_t i = 0; i < stored.size(); ++i)
      EXPECT_NEAR(weights[i], stored[i], tolerance) << what << " " << i;
  }
};

TEST_P(WeighingOracleTest, Mgda) { ExpectStored("mgda", Run(*MakeMgda(), 1, false), 1e-6); }

TEST_P(WeighingOracleTest, PeLtr) {
  Values floors{0.1, 0.2, 0.05, 0.15, 0.1};
  floors.resize(tasks());
  ExpectStored("pe_ltr", Run(*MakePeLtr(floors), 1, false), 1e-6);
}

TEST_P(WeighingOracleTest, Pcgrad) { ExpectStored("pcgrad", Run(*MakePcgrad(7), 3, false), 1e-10); }

TEST_P(WeighingOracleTest, Cagrad) {
  ExpectStored("cagrad", Run(*MakeCagrad(0.5), 1, false), 1e-5);
}

TEST_P(WeighingOracleTest, ImtlG) { ExpectStored("imtl_g", Run(*MakeImtlG(), 1, false), 1e-7); }

TEST_P(WeighingOracleTest, NashMtl) { ExpectStored("nash", Run(*MakeNashMtl(), 1, false), 1e-8); }

TEST_P(WeighingOracleTest, Emtl) { ExpectStored("emtl", Run(*MakeEmtl(1), 1, false), 1e-10); }

TEST_P(WeighingOracleTest, Gradnorm) {
  const auto method = MakeGradnorm(static_cast<int>(tasks()), 1.5, 0.025, {});
  ExpectStored("gradnorm", Run(*method, 6, false), 1e-8);
}

TEST_P(WeighingOracleTest, Metabalance) {
  const auto method = MakeMetabalance(static_cast<int>(tasks()), 0.7, 0.9, {});
  ExpectStored("metabalance", Run(*method, 4, true), 1e-10);
}

TEST_P(WeighingOracleTest, Uncertainty) {
  std::vector<bool> squared(tasks(), false);
  squared[1] = true;
  ExpectStored("uncertainty", Run(*MakeUncertainty(squared, 0.1, {})), 1e-10);
}

TEST_P(WeighingOracleTest, Dwa) {
  ExpectStored("dwa", Run(*MakeDwa(static_cast<int>(tasks()), 2, {})), 1e-10);
}

TEST_P(WeighingOracleTest, Famo) {
  ExpectStored("famo", Run(*MakeFamo(static_cast<int>(tasks()), 0.5, 0.01, {})), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(Cases, WeighingOracleTest,
                         testing::Values("pair", "against", "three", "apart", "four", "five"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace primacy
