#include <gtest/gtest.h>

#include <cmath>

#include "tests/tools/compare/figures.h"

namespace primacy {
namespace {

using Kind = Method::Kind;
using testing_support::Figures;
using testing_support::ModelOf;

const MethodFigures kAlone = Figures("alone", Kind::kSingle, {0.90, 0.92}, {0.80, 0.82});

TEST(ChooseWeightingTest, TheBestOfThoseThatKeepTheFirstTask) {
  EXPECT_EQ(ModelOf({kAlone, Figures("drops", Kind::kWeighted, {0.90, 0.90}, {0.80, 0.80}),
                     Figures("keeps", Kind::kWeighted, {0.91, 0.91}, {0.60, 0.62}),
                     Figures("better", Kind::kWeighted, {0.9085, 0.9085}, {0.65, 0.65}),
                     Figures("nmt", Kind::kNmt, {0.95, 0.95}, {0.9, 0.9})})
                .chosen,
            3);
}

TEST(ChooseWeightingTest, TheMarginIsBelowTheTaskAlone) {
  const MethodFigures at = Figures("at", Kind::kWeighted, {0.9081, 0.9081}, {0.6, 0.6});
  const MethodFigures below = Figures("below", Kind::kWeighted, {0.9079, 0.9079}, {0.7, 0.7});
  EXPECT_EQ(ModelOf({kAlone, below, at}).chosen, 2);
  EXPECT_EQ(ModelOf({kAlone, below}).chosen, -1);
}

TEST(ChooseWeightingTest, NothingToChooseWithoutTheTaskAlone) {
  EXPECT_EQ(ModelOf({Figures("w", Kind::kWeighted, {1, 1}, {1, 1})}).chosen, -1);
  EXPECT_EQ(ModelOf({kAlone}).chosen, -1);
}

TEST(ChooseWeightingTest, ReadsTheHoldoutSliceOnly) {
  MethodFigures a = Figures("a", Kind::kWeighted, {0.91, 0.91}, {0.7, 0.7});
  MethodFigures b = Figures("b", Kind::kWeighted, {0.91, 0.91}, {0.6, 0.6});
  b.tasks[1].test = {0.99, 0.99};
  EXPECT_EQ(ModelOf({kAlone, b, a}).chosen, 2);
}

TEST(ChooseWeightingTest, TasksWithoutAucDoNotDecide) {
  const MethodFigures blind = Figures("blind", Kind::kWeighted, {0.91, 0.91}, {NAN, NAN});
  const MethodFigures good = Figures("good", Kind::kWeighted, {0.91, 0.91}, {0.7, 0.7});
  const MethodFigures worse = Figures("worse", Kind::kWeighted, {0.91, 0.91}, {0.6, 0.6});
  EXPECT_EQ(ModelOf({kAlone, blind, good, worse}).chosen, 2);
  const MethodFigures unknown = Figures("unknown", Kind::kWeighted, {NAN, NAN}, {0.9, 0.9});
  EXPECT_EQ(ModelOf({kAlone, unknown}).chosen, -1);
}

}  // namespace
}  // namespace primacy
