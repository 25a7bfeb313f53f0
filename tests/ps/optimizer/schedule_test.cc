#include <gtest/gtest.h>

#include <cmath>

#include "ps/optimizer/optimizer.h"

namespace primacy {
namespace {

Schedule Make(Schedule::Decay decay, int64_t warmup, int64_t steps, double last) {
  Schedule schedule;
  schedule.set_decay(decay);
  schedule.set_warmup_steps(warmup);
  schedule.set_decay_steps(steps);
  schedule.set_final_factor(last);
  return schedule;
}

TEST(ScheduleTest, ConstantIsOneFromTheStart) {
  EXPECT_EQ(ScheduleFactor(Schedule(), 0), 1);
  EXPECT_EQ(ScheduleFactor(Schedule(), 1'000'000'000'000), 1);
}

TEST(ScheduleTest, WarmUpRisesToOneAtItsLastStep) {
  const Schedule schedule = Make(Schedule::CONSTANT, 4, 0, 0);
  EXPECT_EQ(ScheduleFactor(schedule, 0), 0.25);
  EXPECT_EQ(ScheduleFactor(schedule, 2), 0.75);
  EXPECT_EQ(ScheduleFactor(schedule, 3), 1);
  EXPECT_EQ(ScheduleFactor(schedule, 4), 1);
}

TEST(ScheduleTest, LinearEndsAtTheFinalFactorAndStays) {
  const Schedule schedule = Make(Schedule::LINEAR, 2, 8, 0.5);
  EXPECT_EQ(ScheduleFactor(schedule, 1), 1);
  EXPECT_EQ(ScheduleFactor(schedule, 2), 1);
  EXPECT_EQ(ScheduleFactor(schedule, 6), 0.75);
  EXPECT_EQ(ScheduleFactor(schedule, 10), 0.5);
  EXPECT_EQ(ScheduleFactor(schedule, 1000), 0.5);
}

TEST(ScheduleTest, CosineIsHalfWayInTheMiddle) {
  const Schedule schedule = Make(Schedule::COSINE, 0, 100, 0.2);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 0), 1);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 50), 0.6);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 25), 0.2 + 0.8 * (0.5 + std::sqrt(0.125)));
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 100), 0.2);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 101), 0.2);
}

TEST(ScheduleTest, ExponentialGoesOnBelowTheFinalFactor) {
  const Schedule schedule = Make(Schedule::EXPONENTIAL, 0, 10, 0.25);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 5), 0.5);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 10), 0.25);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 20), 0.0625);
}

TEST(ScheduleTest, InverseSquareRoot) {
  const Schedule schedule = Make(Schedule::INVERSE_SQRT, 1, 10, 0);
  EXPECT_EQ(ScheduleFactor(schedule, 1), 1);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 31), 0.5);
  EXPECT_DOUBLE_EQ(ScheduleFactor(schedule, 991), 0.1);
}

}  // namespace
}  // namespace primacy
