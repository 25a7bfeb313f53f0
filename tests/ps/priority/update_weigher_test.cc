#include "ps/priority/update_weigher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "ps/priority/gradnorm.h"
#include "ps/priority/methods.h"
#include "ps/priority/mgda.h"
#include "ps/priority/nash_mtl.h"

namespace primacy {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

PlaneProducts Update(std::vector<int> tasks, const std::vector<std::vector<double>>& gram) {
  PlaneProducts update{7, std::move(tasks), std::vector<double>(gram.size(), 1.0),
                       SquareMatrix(gram.size())};
  for (size_t i = 0; i < gram.size(); ++i) {
    for (size_t j = 0; j < gram.size(); ++j) update.gram.at(i, j) = gram[i][j];
  }
  return update;
}

UpdateWeigher Weigher(std::unique_ptr<GramWeighing> method, WeighingState saved = {}) {
  return {3, std::move(method), std::move(saved)};
}

TEST(UpdateWeigherTest, ATaskWithoutAGradientTakesNoPart) {
  UpdateWeigher weigher = Weigher(MakeMgda());
  // Were it in the hull, the smallest norm would be 0.
  const auto weights = weigher.Weigh(Update({0, 1, 2}, {{1, 0, 0}, {0, 0, 0}, {0, 0, 1}}));
  EXPECT_THAT(weights, ElementsAre(0.5, 0.0, 0.5));
}

TEST(UpdateWeigherTest, ATaskLeftAloneHasWeightOne) {
  UpdateWeigher weigher = Weigher(MakeNashMtl());
  EXPECT_THAT(weigher.Weigh(Update({1}, {{4}})), ElementsAre(1.0));
  EXPECT_THAT(weigher.Weigh(Update({0, 1}, {{0, 0}, {0, 4}})), ElementsAre(0.0, 1.0));
  EXPECT_THAT(weigher.Weigh(Update({0, 1}, {{0, 0}, {0, 0}})), ElementsAre(0.0, 0.0));
  EXPECT_EQ(weigher.Saved().updates, 3);
  EXPECT_EQ(weigher.Saved().fallbacks, 0);
}

TEST(UpdateWeigherTest, WithoutASolutionTheLastWeightsServe) {
  UpdateWeigher weigher = Weigher(MakeNashMtl());
  const std::vector<std::vector<double>> opposite = {{1, -2}, {-2, 4}};
  EXPECT_THAT(weigher.Weigh(Update({0, 2}, opposite)), ElementsAre(0.5, 0.5)) << "none yet";
  EXPECT_EQ(weigher.Saved().fallbacks, 1);
  const auto solved = weigher.Weigh(Update({0, 2}, {{1, 0}, {0, 16}}));
  const double root = std::pow(257.0, 0.25);
  EXPECT_THAT(solved, ElementsAre(DoubleNear(root, 1e-8), DoubleNear(root / 4, 1e-8)));
  EXPECT_EQ(weigher.Weigh(Update({0, 2}, opposite)), solved);
  EXPECT_EQ(weigher.Saved().fallbacks, 2);
  EXPECT_EQ(weigher.Saved().updates, 3);
}

TEST(UpdateWeigherTest, RestoredEqualsContinued) {
  const auto make = [](WeighingState saved) {
    std::vector<double> own;
    if (saved.values.size() > 3) own.assign(saved.values.begin() + 3, saved.values.end());
    return Weigher(MakeGradnorm(3, 1.5, 0.2, own), std::move(saved));
  };
  UpdateWeigher straight = make({});
  const PlaneProducts update = Update({0, 1, 2}, {{1, 0, 0}, {0, 4, 1}, {0, 1, 9}});
  for (int step = 0; step < 3; ++step) straight.Weigh(update);
  UpdateWeigher restored = make(straight.Saved());
  EXPECT_EQ(restored.Weigh(update), straight.Weigh(update));
  EXPECT_EQ(restored.Saved().values, straight.Saved().values);
  EXPECT_EQ(restored.Saved().updates, 4);
}

TEST(MethodsTest, EveryMethodHasAMaker) {
  Job job;
  job.add_task()->set_name("like");
  job.add_task()->set_name("click");
  for (int number = 0; PriorityConfig::Method_IsValid(number); ++number) {
    const auto method = static_cast<PriorityConfig::Method>(number);
    job.mutable_priority()->set_method(method);
    switch (WeighingKindOf(method)) {
      case WeighingKind::kMultipliers:
        EXPECT_FALSE(NeedsPlanes(job.priority()));
        break;
      case WeighingKind::kLosses:
        EXPECT_NE(MakeLossWeighing(job, 10, {}), nullptr);
        EXPECT_FALSE(NeedsPlanes(job.priority()));
        break;
      case WeighingKind::kGradients:
        EXPECT_NE(MakeUpdateWeigher(job, {}), nullptr);
        EXPECT_TRUE(NeedsPlanes(job.priority()));
        break;
    }
  }
  EXPECT_TRUE(PriorityConfig::Method_IsValid(PriorityConfig::EMTL));
}

}  // namespace
}  // namespace primacy
