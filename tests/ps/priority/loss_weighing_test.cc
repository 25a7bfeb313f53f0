// The methods that need losses alone: what is saved continues where it was, and tasks without
// labels rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "ps/priority/dwa.h"
#include "ps/priority/famo.h"
#include "ps/priority/uncertainty.h"

namespace primacy {
namespace {

using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;

using Make = std::function<std::unique_ptr<LossWeighing>(WeighingState)>;

std::vector<Make> AllMethods() {
  return {[](WeighingState saved) {
            return MakeUncertainty({false, true}, 0.3, std::move(saved));
          },
          [](WeighingState saved) { return MakeDwa(2, 3, std::move(saved)); },
          [](WeighingState saved) { return MakeFamo(2, 0.4, 0.01, std::move(saved)); }};
}

std::vector<double> LossesOf(int step) {
  return {0.5 + 0.3 * std::sin(step), 1.0 / (1 + 0.2 * step)};
}

TEST(LossWeighingTest, RestoredEqualsContinued) {
  for (const Make& make : AllMethods()) {
    const auto straight = make({});
    for (int step = 0; step < 5; ++step) straight->Observe(LossesOf(step), {true, step % 2 == 0});
    const auto restored = make(straight->Saved());
    for (int step = 5; step < 12; ++step) {
      EXPECT_EQ(restored->Weights(), straight->Weights());
      straight->Observe(LossesOf(step), {true, true});
      restored->Observe(LossesOf(step), {true, true});
    }
    EXPECT_EQ(restored->Saved().values, straight->Saved().values);
    EXPECT_EQ(restored->Saved().updates, 12);
  }
}

TEST(LossWeighingTest, NothingObservedChangesNothing) {
  for (const Make& make : AllMethods()) {
    const auto method = make({});
    const std::vector<double> before = method->Weights();
    for (int step = 0; step < 7; ++step) method->Observe(std::vector<double>{9, 9}, {false, false});
    EXPECT_EQ(method->Weights(), before);
  }
}

TEST(UncertaintyTest, SettlesWhereTheWeightedLossIsOneHalf) {
  const auto method = MakeUncertainty({false}, 0.2, {});
  for (int step = 0; step < 500; ++step) method->Observe(std::vector<double>{0.1}, {true});
  EXPECT_THAT(method->Weights(), ElementsAre(DoubleNear(5.0, 1e-6)));  // w L = ½
  for (int step = 0; step < 5000; ++step) method->Observe(std::vector<double>{0.0}, {true});
  EXPECT_NEAR(method->Weights()[0], std::exp(10), 1e-6) << "held where a loss is 0";
}

TEST(DwaTest, WeighsTheTaskThatFellLess) {
  const auto method = MakeDwa(2, 1, {});
  method->Observe(std::vector<double>{1.0, 1.0}, {true, true});
  EXPECT_THAT(method->Weights(), ElementsAre(1.0, 1.0));
  method->Observe(std::vector<double>{0.5, 1.0}, {true, true});
  // softmax(¼, ½) · 2
  const double a = std::exp(0.25), b = std::exp(0.5);
  EXPECT_THAT(method->Weights(),
              ElementsAre(DoubleNear(2 * a / (a + b), 1e-12), DoubleNear(2 * b / (a + b), 1e-12)));
}

TEST(FamoTest, RaisesTheTaskThatFallsSlower) {
  const auto method = MakeFamo(2, 1.0, 0, {});
  method->Observe(std::vector<double>{1.0, 1.0}, {true, true});
  EXPECT_THAT(method->Weights(), Each(0.5));
  method->Observe(std::vector<double>{1.0, std::exp(-1.0)}, {true, true});
  // δ = (0, 1), z = (½, ½): v moves by ± ¼.
  EXPECT_THAT(method->Saved().values,
              ElementsAre(0.25, -0.25, 1.0, DoubleNear(std::exp(-1.0), 1e-12)));
  method->Observe(std::vector<double>{0.0, std::exp(-1.0)}, {true, true});
  for (const double weight : method->Weights()) EXPECT_TRUE(std::isfinite(weight)) << "a loss of 0";
}

}  // namespace
}  // namespace primacy
