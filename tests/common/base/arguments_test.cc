#include "common/base/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Arguments, TakesEveryValueInBothForms) {
  Arguments given({"--set=a=1", "--other", "x", "--set", "b=2", "--setting=3", "--set="});
  EXPECT_THAT(given.TakeAll("set"), ElementsAre("a=1", "b=2", ""));
  EXPECT_THAT(given.left(), ElementsAre("--other", "x", "--setting=3"));
  EXPECT_THAT(given.TakeAll("set"), IsEmpty());
}

TEST(Arguments, AFlagAtTheEndHasAnEmptyValue) {
  Arguments given({"--job"});
  EXPECT_THAT(given.TakeAll("job"), ElementsAre(""));
}

TEST(Arguments, TheLastValueCounts) {
  Arguments given({"--job=a", "--job=b"});
  EXPECT_EQ(given.Take("job"), "b");
  EXPECT_EQ(given.Take("job", "none"), "none");
}

TEST(Arguments, Switches) {
  Arguments given({"--on", "--off=false", "--yes=true", "--odd=perhaps", "value"});
  EXPECT_EQ(given.TakeSwitch("on"), true);
  EXPECT_EQ(given.TakeSwitch("off"), false);
  EXPECT_EQ(given.TakeSwitch("yes"), true);
  EXPECT_EQ(given.TakeSwitch("odd"), std::nullopt);
  EXPECT_EQ(given.TakeSwitch("absent"), false);
  EXPECT_THAT(given.left(), ElementsAre("value"));
}

}  // namespace
}  // namespace primacy
