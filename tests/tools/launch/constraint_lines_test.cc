#include "tools/launch/constraint_lines.h"

#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

JsonValue Parsed(const std::string& text) {
  const Result<JsonValue> value = ParseJson(text);
  CHECK(value.ok()) << value.error().trace();
  return *value;
}

TEST(ConstraintLines, InWords) {
  // 95 % of .4 ± .01: the margin of .5 % is .002. It lies a fifth of half the interval away from
  // the difference of the second constraint, so 25 times the rows would put it at the interval's
  // end.
  const JsonValue report = Parsed(R"({"stages": [
    {"name": "like", "constraints": []},
    {"name": "view", "constraints": [
      {"task": "like", "bound": 0.4, "reached": 0.39, "difference": -0.01, "low": -0.02, "high": 0,
       "margin": 0.002, "verdict": "kept", "groups": 12345}]},
    {"name": "click", "constraints": [
      {"task": "like", "bound": 0.4, "reached": 0.404, "difference": 0.004, "low": -0.006,
       "high": 0.014, "margin": 0.002, "verdict": "not decidable", "groups": 900},
      {"task": "view", "bound": 0.4, "reached": 0.402, "difference": 0.002, "low": -0.008,
       "high": 0.012, "margin": 0.002, "verdict": "not decidable", "groups": 900},
      {"task": "share", "bound": null, "reached": null, "difference": null, "low": null,
       "high": null, "margin": null, "verdict": "not decidable", "groups": 0}]}]})");
  EXPECT_EQ(
      ConstraintLines(report),
      "like in stage view: kept; test loss 0.39000 where 0.40000 was reached, -2.50 % (95 % "
      "interval -5.00 to +0.00 %, margin 0.50 %, 12,345 groups of rows)\n"
      "like in stage click: not decidable; test loss 0.40400 where 0.40000 was reached, +1.00 % "
      "(95 % interval -1.50 to +3.50 %, margin 0.50 %, 900 groups of rows); about 25 times the "
      "rows "
      "would tell\n"
      "view in stage click: not decidable; test loss 0.40200 where 0.40000 was reached, +0.50 % "
      "(95 % interval -2.00 to +3.00 %, margin 0.50 %, 900 groups of rows); more than 1000 times "
      "the rows would tell\n"
      "share in stage click: not decidable with 0 groups of rows\n");
  EXPECT_EQ(ConstraintLines(Parsed("{}")), "");
}

TEST(MissedRequirement, NamesWhatTheFinalModelDidNotKeep) {
  const std::string stages = R"("stages": [{"constraints": [{"task": "x", "verdict": "not kept"}]},
    {"constraints": [{"task": "like", "verdict": "not kept"}, {"task": "view", "verdict": "kept"},
                     {"task": "share", "verdict": "not decidable"}]}])";
  const auto missed = MissedRequirement(
      Parsed(R"({"fail_on": "UNDECIDED", "requirement_met": false, )" + stages + "}"));
  ASSERT_TRUE(missed.has_value());
  EXPECT_EQ(*missed,
            "priority.fail_on is UNDECIDED, and the final model has like not kept, share not "
            "decidable");
  EXPECT_FALSE(MissedRequirement(
                   Parsed(R"({"fail_on": "NOTHING", "requirement_met": true, )" + stages + "}"))
                   .has_value());
  EXPECT_FALSE(MissedRequirement(Parsed("{}")).has_value());
}

}  // namespace
}  // namespace primacy
