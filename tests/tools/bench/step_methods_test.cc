#include "tools/bench/step_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/result_matchers.h"
#include "tests/tools/bench/small_step.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::SmallStep;

TEST(StepMethods, AreNamedAsInTheJob) {
  EXPECT_THAT(*ParseStepMethods("nmt,pe_ltr"),
              ElementsAre(PriorityConfig::NMT, PriorityConfig::PE_LTR));
  const auto all = ParseStepMethods("all");
  ASSERT_OK(all);
  EXPECT_EQ(all->front(), PriorityConfig::WEIGHTED);
  EXPECT_EQ(all->size(), static_cast<size_t>(PriorityConfig::Method_ARRAYSIZE));
  EXPECT_EQ(std::set(all->begin(), all->end()).size(), all->size());
  for (const char* const wrong : {"", "nmt,", "best", "nmt,weighted,nmt"}) {
    const auto refused = ParseStepMethods(wrong);
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
    EXPECT_THAT(refused.error().message(), HasSubstr("--method"));
  }
}

// Stages, losses and planes: one of each kind.
TEST(StepMethods, AreMeasuredInTurn) {
  StepBenchOptions options = SmallStep();
  options.runs = 1;
  const auto log = StepLog::Write(options, 700);
  ASSERT_OK(log);
  const auto records =
      StepBenchOfMethods(options, StepJobOptions{.servers = 2, .workers = 2},
                         {PriorityConfig::WEIGHTED, PriorityConfig::NMT, PriorityConfig::SINGLE,
                          PriorityConfig::DWA, PriorityConfig::PCGRAD},
                         **log);
  ASSERT_OK(records);
  std::vector<std::string> names;
  double first = 0;
  for (const BenchRecord& record : *records) {
    std::map<std::string, std::string> labels(record.labels.begin(), record.labels.end());
    names.push_back(labels["method"]);
    const double rate = NumberOf(record, "rows_per_s");
    if (first == 0) first = rate;
    EXPECT_NEAR(NumberOf(record, "time_ratio"), first / rate, 1e-9) << names.back();
    EXPECT_EQ(NumberOf(record, "servers"), 2);
  }
  EXPECT_THAT(names, ElementsAre("WEIGHTED", "NMT", "SINGLE", "DWA", "PCGRAD"));
}

TEST(StepMethods, TheMedianRunCounts) {
  const StepBenchOptions options = SmallStep();
  const auto log = StepLog::Write(options, 200);
  ASSERT_OK(log);
  const auto records =
      StepBenchOfMethods(options, {}, {PriorityConfig::FAMO, PriorityConfig::MGDA}, **log);
  ASSERT_OK(records);
  for (const BenchRecord& record : *records) {
    EXPECT_LE(NumberOf(record, "rows_per_s_min"), NumberOf(record, "rows_per_s"));
    EXPECT_LE(NumberOf(record, "rows_per_s"), NumberOf(record, "rows_per_s_max"));
  }
  const auto& ratio = records->front().numbers.back();
  EXPECT_EQ(ratio.first, "time_ratio");
  EXPECT_EQ(ratio.second, 1);
}

}  // namespace
}  // namespace primacy
