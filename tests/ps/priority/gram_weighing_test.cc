// The methods on problems whose answer is known without solving them: hand-worked pairs, a grid
// over the simplex, equal and opposite tasks.
#include "ps/priority/gram_weighing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "common/base/hash.h"
#include "ps/priority/cagrad.h"
#include "ps/priority/emtl.h"
#include "ps/priority/gradnorm.h"
#include "ps/priority/imtl_g.h"
#include "ps/priority/metabalance.h"
#include "ps/priority/mgda.h"
#include "ps/priority/min_norm.h"
#include "ps/priority/nash_mtl.h"
#include "ps/priority/pcgrad.h"
#include "ps/priority/pe_ltr.h"

namespace primacy {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Optional;

using Vectors = std::vector<std::vector<double>>;

GramProblem ProblemOf(const Vectors& gradients) {
  const size_t n = gradients.size();
  GramProblem problem{0, {}, std::vector<double>(n, 1.0), SquareMatrix(n)};
  for (size_t i = 0; i < n; ++i) {
    problem.tasks.push_back(static_cast<int>(i));
    for (size_t j = 0; j < n; ++j) problem.gram.at(i, j) = Dot(gradients[i], gradients[j]);
  }
  return problem;
}

Vectors RandomGradients(size_t n, size_t d, uint64_t seed) {
  Vectors gradients(n, std::vector<double>(d));
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < d; ++k) gradients[i][k] = RandomNormal(seed, i * d + k);
  }
  return gradients;
}

auto Near(double value) { return DoubleNear(value, 1e-9); }

TEST(MgdaTest, TwoTasksByHand) {
  // Perpendicular, norms 1 and 2: w_1 = 4 / 5.
  EXPECT_THAT(MakeMgda()->Solve(ProblemOf({{1, 0}, {0, 2}})),
              Optional(ElementsAre(Near(0.8), Near(0.2))));
  // g_1 is the nearest point already.
  EXPECT_THAT(MakeMgda()->Solve(ProblemOf({{1, 0}, {2, 1}})), Optional(ElementsAre(1.0, 0.0)));
}

TEST(PeLtrTest, FloorsHold) {
  EXPECT_THAT(MakePeLtr({0.1, 0.3})->Solve(ProblemOf({{1, 0}, {2, 1}})),
              Optional(ElementsAre(Near(0.7), Near(0.3))));
  EXPECT_THAT(MakePeLtr({0.5, 0.5})->Solve(ProblemOf({{1, 0}, {2, 1}})),
              Optional(ElementsAre(Near(0.5), Near(0.5))));
}

TEST(PcgradTest, TwoTasksByHand) {
  // ⟨g_1, g_2⟩ = −1: p_1 = g_1 + ½ g_2, p_2 = g_2 + g_1.
  EXPECT_THAT(MakePcgrad(1)->Solve(ProblemOf({{1, 0}, {-1, 1}})),
              Optional(ElementsAre(Near(2), Near(1.5))));
  EXPECT_THAT(MakePcgrad(1)->Solve(ProblemOf({{1, 0}, {1, 1}})), Optional(ElementsAre(1.0, 1.0)));
}

TEST(PcgradTest, TheOrderFollowsSeedAndStep) {
  GramProblem problem = ProblemOf(RandomGradients(6, 3, 4));
  const auto first = MakePcgrad(1)->Solve(problem);
  EXPECT_EQ(MakePcgrad(1)->Solve(problem), first);
  EXPECT_NE(MakePcgrad(2)->Solve(problem), first);
  problem.step = 1;
  EXPECT_NE(MakePcgrad(1)->Solve(problem), first);
}

TEST(ImtlGTest, ProjectionsAreEqual) {
  const Vectors gradients = RandomGradients(4, 9, 3);
  const auto weights = MakeImtlG()->Solve(ProblemOf(gradients));
  ASSERT_TRUE(weights.has_value());
  const std::vector<double> inner = Product(ProblemOf(gradients).gram, *weights);
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_NEAR(inner[i] / std::sqrt(Dot(gradients[i], gradients[i])),
                inner[0] / std::sqrt(Dot(gradients[0], gradients[0])), 1e-8);
  }
}

TEST(NashMtlTest, PerpendicularTasksGetInverseNorms) {
  // G = diag(1, 16) / √257: w_i = G_ii^(−½).
  const double root = std::pow(257.0, 0.25);
  EXPECT_THAT(MakeNashMtl()->Solve(ProblemOf({{1, 0}, {0, 4}})),
              Optional(ElementsAre(Near(root), Near(root / 4))));
}

TEST(MetabalanceTest, BringsNormsTowardsTheFirst) {
  const auto method = MakeMetabalance(2, 0.5, 0, {});
  EXPECT_THAT(method->Solve(ProblemOf({{2, 0}, {0, 8}})), Optional(ElementsAre(1.0, 0.625)));
}

TEST(EmtlTest, RaisesTheTaskWithTheLargerContribution) {
  // c = (1, ½), c̄ = ¾, ḡ = 1.5: 1 + ⅓ · 1.5 and 1 − ⅓ · ¾.
  EXPECT_THAT(MakeEmtl(1)->Solve(ProblemOf({{1, 0}, {0, 2}})),
              Optional(ElementsAre(Near(1.5), Near(0.75))));
  EXPECT_THAT(MakeEmtl(0)->Solve(ProblemOf({{1, 0}, {0, 2}})), Optional(ElementsAre(1.0, 1.0)));
  EXPECT_THAT(MakeEmtl(100)->Solve(ProblemOf({{1, 0}, {0, 2}})),
              Optional(ElementsAre(Near(51), 0.0)))
      << "no weight below 0";
}

TEST(GradnormTest, MovesWeightToTheTaskWithTheSmallerGradient) {
  // m = 1.5, slopes −1/1.5 and 2/1.5, half their difference is 1.
  const auto method = MakeGradnorm(2, 1.5, 0.1, {});
  EXPECT_THAT(method->Solve(ProblemOf({{1, 0}, {0, 2}})), Optional(ElementsAre(1.0, 1.0)));
  EXPECT_THAT(method->Saved(), ElementsAre(Near(0.1), Near(-0.1), 1.0, 1.0));
  const double up = std::exp(0.1), down = std::exp(-0.1);
  EXPECT_THAT(method->Solve(ProblemOf({{1, 0}, {0, 2}})),
              Optional(ElementsAre(Near(2 * up / (up + down)), Near(2 * down / (up + down)))));
}

// ---- the simplex, point by point

using Objective = std::function<double(const std::vector<double>&)>;

double SmallestOnGrid(size_t n, const std::vector<double>& floors, const Objective& objective) {
  constexpr int kParts = 40;
  double left = 1;
  for (const double floor : floors) left -= floor;
  double smallest = std::numeric_limits<double>::infinity();
  std::vector<double> weights = floors;
  const std::function<void(size_t, int)> visit = [&](size_t at, int parts) {
    if (at + 1 == n) {
      weights[at] = floors[at] + left * parts / kParts;
      smallest = std::min(smallest, objective(weights));
      return;
    }
    for (int take = 0; take <= parts; ++take) {
      weights[at] = floors[at] + left * take / kParts;
      visit(at + 1, parts - take);
    }
  };
  visit(0, kParts);
  return smallest;
}

TEST(SimplexTest, NoPointOfAGridIsBetter) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const size_t n = 2 + seed % 3;
    // As many dimensions as tasks or fewer: the minimum is often 0 or on the boundary.
    const GramProblem problem = ProblemOf(RandomGradients(n, 2 + seed % 2, 100 + seed));
    const SquareMatrix& gram = problem.gram;
    const Objective norm2 = [&](const std::vector<double>& w) { return Dot(w, Product(gram, w)); };
    for (const double floor : {0.0, 0.6 / static_cast<double>(n)}) {
      const std::vector<double> floors(n, floor);
      const auto weights = MinNormWeights(gram, floors);
      ASSERT_TRUE(weights.has_value()) << seed;
      double sum = 0;
      for (const double weight : *weights) {
        EXPECT_GE(weight, floor);
        sum += weight;
      }
      EXPECT_NEAR(sum, 1, 1e-12);
      EXPECT_LE(norm2(*weights), SmallestOnGrid(n, floors, norm2) + 1e-9) << seed;
    }
    // CAGrad's update d = Σ v_i g_i gains at least as much for its worst task as the dual's
    // value bounds: min_i ⟨g_i, (1 + c²) d⟩ = min_w of the dual.
    const double c = 0.4, share = 1.0 / static_cast<double>(n);
    const std::vector<double> mean = Product(gram, std::vector<double>(n, share));
    double mean2 = 0;
    for (const double slope : mean) mean2 += share * slope;
    const Objective dual = [&](const std::vector<double>& w) {
      return Dot(w, mean) + c * std::sqrt(mean2 * std::max(0.0, norm2(w)));
    };
    const auto v = MakeCagrad(c)->Solve(problem);
    ASSERT_TRUE(v.has_value()) << seed;
    const std::vector<double> gain = Product(gram, *v);
    const double worst = *std::min_element(gain.begin(), gain.end()) * (1 + c * c);
    const double bound = SmallestOnGrid(n, std::vector<double>(n, 0.0), dual);
    EXPECT_LE(worst, bound + 1e-6) << seed;
    EXPECT_GE(worst, bound - 0.02 * LargestOnDiagonal(gram)) << seed << ": the grid is coarse";
  }
}

TEST(SimplexTest, ManyTasksConverge) {
  for (const size_t d : {size_t{5}, size_t{64}, size_t{200}}) {
    const GramProblem problem = ProblemOf(RandomGradients(64, d, d));
    EXPECT_TRUE(MakeMgda()->Solve(problem).has_value()) << d;
    EXPECT_TRUE(MakeCagrad(0.5)->Solve(problem).has_value()) << d;
    EXPECT_EQ(MakeNashMtl()->Solve(problem).has_value(), d >= 64)
        << d << ": in few dimensions positive weights cancel all gradients";
  }
}

// ---- bad cases

std::vector<std::unique_ptr<GramWeighing>> AllMethods() {
  std::vector<std::unique_ptr<GramWeighing>> methods;
  methods.push_back(MakeMgda());
  methods.push_back(MakePeLtr({0.1, 0.1}));
  methods.push_back(MakePcgrad(1));
  methods.push_back(MakeCagrad(0.5));
  methods.push_back(MakeImtlG());
  methods.push_back(MakeNashMtl());
  methods.push_back(MakeGradnorm(2, 1.5, 0.025, {}));
  methods.push_back(MakeMetabalance(2, 0.7, 0.9, {}));
  methods.push_back(MakeEmtl(1));
  return methods;
}

TEST(GramWeighingTest, EqualTasksWeighTheSame) {
  for (const double scale : {1.0, 1e-12, 1e12}) {
    for (const auto& method : AllMethods()) {
      const auto weights = method->Solve(ProblemOf({{scale, 2 * scale}, {scale, 2 * scale}}));
      ASSERT_TRUE(weights.has_value()) << scale;
      EXPECT_GT((*weights)[0], 0);
      EXPECT_NEAR((*weights)[0], (*weights)[1], 1e-6 * (*weights)[0]) << scale;
    }
  }
}

// g_2 = −2 g_1: MGDA, CAGrad, IMTL-G and PCGrad find that nothing serves both; Nash-MTL has no
// solution.
TEST(GramWeighingTest, OppositeTasks) {
  const GramProblem problem = ProblemOf({{1, 1}, {-2, -2}});
  EXPECT_THAT(MakeMgda()->Solve(problem), Optional(ElementsAre(Near(2. / 3), Near(1. / 3))));
  EXPECT_THAT(MakeImtlG()->Solve(problem), Optional(ElementsAre(Near(2. / 3), Near(1. / 3))));
  const auto pcgrad = MakePcgrad(1)->Solve(problem);
  EXPECT_NEAR((*pcgrad)[0] - 2 * (*pcgrad)[1], 0, 1e-12);
  const auto cagrad = MakeCagrad(0.5)->Solve(problem);
  ASSERT_TRUE(cagrad.has_value());
  EXPECT_FALSE(MakeNashMtl()->Solve(problem).has_value());
}

TEST(GramWeighingTest, SizesApartAreNoTrouble) {
  const GramProblem problem = ProblemOf({{1e8, 0}, {-1, 1}});
  for (const auto& method : AllMethods()) {
    const auto weights = method->Solve(problem);
    ASSERT_TRUE(weights.has_value());
    for (const double weight : *weights) EXPECT_TRUE(std::isfinite(weight));
  }
  // Σ w_i g_i of smallest norm between (1e8, 0) and (−1, 1).
  const auto weights = MakeMgda()->Solve(problem);
  const double x = (*weights)[0] * 1e8 - (*weights)[1], y = (*weights)[1];
  EXPECT_NEAR(x * x + y * y, 1, 1e-3);
}

TEST(SquareMatrixTest, SolvesByHand) {
  SquareMatrix matrix(2);
  matrix.at(0, 0) = 4;
  matrix.at(0, 1) = matrix.at(1, 0) = 2;
  matrix.at(1, 1) = 3;
  EXPECT_THAT(SolveSymmetric(matrix, std::vector<double>{8, 8}),
              Optional(ElementsAre(Near(1), Near(2))));
  matrix.at(1, 1) = 1;
  EXPECT_EQ(SolveSymmetric(matrix, std::vector<double>{8, 8}), std::nullopt);
}

}  // namespace
}  // namespace primacy
