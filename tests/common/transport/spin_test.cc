#include "common/transport/spin.h"

#include <gtest/gtest.h>

#include "common/transport/spin_gate.h"

namespace primacy::transport {
namespace {

using std::chrono::microseconds;

// How many of `waits` are polled, all in vain.
uint32_t PolledInVain(SpinGate& gate, uint32_t waits) {
  uint32_t polled = 0;
  for (uint32_t i = 0; i < waits; ++i) {
    if (!gate.ShouldSpin()) continue;
    ++polled;
    gate.Spun(false);
  }
  return polled;
}

TEST(SpinGate, PollsEveryWaitWhileThatPays) {
  SpinGate gate;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(gate.ShouldSpin());
    gate.Spun(i % SpinGate::kFutileMax == 0);
  }
}

TEST(SpinGate, FutilePollsBecomeRare) {
  SpinGate gate;
  EXPECT_EQ(PolledInVain(gate, SpinGate::kFutileMax), SpinGate::kFutileMax);
  EXPECT_FALSE(gate.ShouldSpin());
  EXPECT_TRUE(gate.ShouldSpin());
  gate.Spun(false);
  PolledInVain(gate, 200);
  EXPECT_EQ(PolledInVain(gate, 100 * SpinGate::kPauseMax), 100u);
}

TEST(SpinGate, OnePollThatPaysRestoresAll) {
  SpinGate gate;
  PolledInVain(gate, 1000);
  while (!gate.ShouldSpin()) {
  }
  gate.Spun(true);
  EXPECT_EQ(PolledInVain(gate, SpinGate::kFutileMax), SpinGate::kFutileMax);
}

TEST(SpinUntil, EndsWhenThePollSucceedsOrTheTimeIsOver) {
  int polls = 0;
  EXPECT_TRUE(SpinUntil(std::chrono::minutes(1), [&] { return ++polls == 3; }));
  EXPECT_EQ(polls, 3);
  EXPECT_FALSE(SpinUntil(microseconds(100), [] { return false; }));
  EXPECT_TRUE(SpinUntil(microseconds(0), [] { return true; }));
}

TEST(UsefulSpin, NeedsASecondProcessor) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  if (CPU_COUNT(&before) > 1) {
    EXPECT_EQ(UsefulSpin(microseconds(50)), microseconds(50));
  }
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(UsefulSpin(microseconds(50)), microseconds(0));
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
}

}  // namespace
}  // namespace primacy::transport
