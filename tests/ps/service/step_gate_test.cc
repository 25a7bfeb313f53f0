#include "ps/service/step_gate.h"

#include <gtest/gtest.h>

namespace primacy {
namespace {

TEST(StepGateTest, BspReadsAfterAllPushesOfTheStepBefore) {
  StepGate gate(RuntimeConfig::BSP, /*staleness=*/5, 2);  // the staleness is SSP's
  EXPECT_TRUE(gate.together());
  EXPECT_TRUE(gate.MayRead(0));
  EXPECT_FALSE(gate.MayRead(1));
  gate.Applied(0);
  EXPECT_FALSE(gate.MayRead(1));
  gate.Applied(1);
  EXPECT_TRUE(gate.MayRead(1));
  EXPECT_FALSE(gate.MayRead(2));
}

TEST(StepGateTest, SspReadsAtMostSoManyStepsAheadOfTheSlowest) {
  StepGate gate(RuntimeConfig::SSP, 2, 3);
  EXPECT_FALSE(gate.together());
  EXPECT_TRUE(gate.MayRead(2));
  EXPECT_FALSE(gate.MayRead(3));
  for (int i = 0; i < 4; ++i) gate.Applied(0);
  gate.Applied(1);
  EXPECT_FALSE(gate.MayRead(3)) << "worker 2 has applied nothing";
  gate.Applied(2);
  EXPECT_TRUE(gate.MayRead(3));
  EXPECT_FALSE(gate.MayRead(4));
}

TEST(StepGateTest, WarmingUpIsBsp) {
  for (const auto consistency : {RuntimeConfig::SSP, RuntimeConfig::ASP}) {
    StepGate gate(consistency, /*staleness=*/1, 2);
    gate.Reset(/*warming_up=*/true);
    EXPECT_TRUE(gate.together());
    gate.Applied(0);
    EXPECT_FALSE(gate.MayRead(1));
    gate.Applied(1);
    EXPECT_TRUE(gate.MayRead(1));
    gate.Reset(/*warming_up=*/false);
    EXPECT_FALSE(gate.together());
    EXPECT_TRUE(gate.MayRead(1));
    EXPECT_EQ(gate.applied(), 0);
  }
}

TEST(StepGateTest, AnIdleWorkerHoldsNobodyUp) {
  StepGate gate(RuntimeConfig::SSP, 0, 2);
  gate.Applied(0);
  EXPECT_FALSE(gate.MayRead(1));
  gate.Idle(1);
  EXPECT_TRUE(gate.MayRead(1));
  EXPECT_FALSE(gate.MayRead(2));
  gate.Idle(0);
  EXPECT_TRUE(gate.MayRead(1000000));
  gate.Reset(/*warming_up=*/false);
  EXPECT_FALSE(gate.MayRead(1)) << "a new phase";
}

TEST(StepGateTest, AspNeverWaits) {
  StepGate gate(RuntimeConfig::ASP, 0, 2);
  EXPECT_TRUE(gate.MayRead(1000000));
}

}  // namespace
}  // namespace primacy
