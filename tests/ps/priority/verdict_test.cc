#include "ps/priority/verdict.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

TestedConstraint Constraint(double mean, double standard_error, int64_t groups) {
  TestedConstraint constraint;
  constraint.set_bound(0.5);
  constraint.set_reached(0.5 + mean);
  constraint.mutable_difference()->set_mean(mean);
  constraint.mutable_difference()->set_standard_error(standard_error);
  constraint.mutable_difference()->set_groups(groups);
  return constraint;
}

// The 97.5 % quantile of t with 9 degrees of freedom is 2.262157.
TEST(Verdict, IntervalAndMargin) {
  const ConstraintVerdict judged = JudgeConstraint(Constraint(0.001, 0.002, 10), 0.005);
  EXPECT_NEAR(*judged.low, 0.001 - 0.004524314, 1e-8);
  EXPECT_NEAR(*judged.high, 0.001 + 0.004524314, 1e-8);
  EXPECT_DOUBLE_EQ(judged.margin, 0.0025);
  EXPECT_EQ(judged.verdict, Verdict::kUndecided);
}

TEST(Verdict, ByWhereTheMarginLies) {
  const auto verdict = [](double mean, double error, double share) {
    return JudgeConstraint(Constraint(mean, error, 1'000'000), share).verdict;
  };
  // Half the interval is 1.96 · .001; the margin is .5 · share.
  EXPECT_EQ(verdict(0.0, 0.001, 0.0040), Verdict::kKept);
  EXPECT_EQ(verdict(0.0, 0.001, 0.0039), Verdict::kUndecided);
  EXPECT_EQ(verdict(0.004, 0.001, 0.0040), Verdict::kNotKept);
  EXPECT_EQ(verdict(0.004, 0.001, 0.0042), Verdict::kUndecided);
  // Worse than the bound for sure, and by less than the margin for sure.
  EXPECT_EQ(verdict(0.001, 0.0001, 0.005), Verdict::kKept);
  // Without a margin only a gain is enough.
  EXPECT_EQ(verdict(-0.002, 0.0001, 0), Verdict::kKept);
  EXPECT_EQ(verdict(0, 0.0001, 0), Verdict::kUndecided);
  // The same predictions on every row.
  EXPECT_EQ(verdict(0, 0, 0.005), Verdict::kKept);
}

TEST(Verdict, WithoutAnIntervalNothingIsDecided) {
  TestedConstraint constraint = Constraint(-0.4, 0, 1);
  constraint.mutable_difference()->clear_standard_error();
  const ConstraintVerdict judged = JudgeConstraint(constraint, 0.005);
  EXPECT_FALSE(judged.low.has_value() || judged.high.has_value());
  EXPECT_EQ(judged.verdict, Verdict::kUndecided);
  EXPECT_EQ(JudgeConstraint(TestedConstraint(), 0.005).verdict, Verdict::kUndecided);
}

TEST(Verdict, WhatAJobFailsOver) {
  EXPECT_FALSE(Fails(PriorityConfig::NOTHING, Verdict::kNotKept));
  EXPECT_FALSE(Fails(PriorityConfig::NOT_KEPT, Verdict::kKept));
  EXPECT_FALSE(Fails(PriorityConfig::NOT_KEPT, Verdict::kUndecided));
  EXPECT_TRUE(Fails(PriorityConfig::NOT_KEPT, Verdict::kNotKept));
  EXPECT_FALSE(Fails(PriorityConfig::UNDECIDED, Verdict::kKept));
  EXPECT_TRUE(Fails(PriorityConfig::UNDECIDED, Verdict::kUndecided));
  EXPECT_TRUE(Fails(PriorityConfig::UNDECIDED, Verdict::kNotKept));
}

TEST(Verdict, InWords) {
  EXPECT_STREQ(VerdictName(Verdict::kKept), "kept");
  EXPECT_STREQ(VerdictName(Verdict::kNotKept), "not kept");
  EXPECT_STREQ(VerdictName(Verdict::kUndecided), "not decidable");
}

}  // namespace
}  // namespace primacy
