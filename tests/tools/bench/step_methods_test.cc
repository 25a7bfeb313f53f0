#include "tools/bench/step_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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
  StepBenchOptions options;
  options.batch = 64;
  options.slots = 2;
  options.dim = 4;
  options.table_rows = 500;
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
    std::map<std::string, double> numbers(record.numbers.begin(), record.numbers.end());
    if (first == 0) first = numbers["rows_per_s"];
    EXPECT_NEAR(numbers["time_ratio"], first / numbers["rows_per_s"], 1e-9) << names.back();
    EXPECT_EQ(numbers["servers"], 2);
  }
  EXPECT_THAT(names, ElementsAre("WEIGHTED", "NMT", "SINGLE", "DWA", "PCGRAD"));
}

TEST(StepMethods, TheMedianRunCounts) {
  StepBenchOptions options;
  options.batch = 64;
  options.slots = 1;
  options.dim = 4;
  options.table_rows = 100;
  options.runs = 3;
  const auto log = StepLog::Write(options, 200);
  ASSERT_OK(log);
  const auto records =
      StepBenchOfMethods(options, {}, {PriorityConfig::FAMO, PriorityConfig::MGDA}, **log);
  ASSERT_OK(records);
  for (const BenchRecord& record : *records) {
    std::map<std::string, double> numbers(record.numbers.begin(), record.numbers.end());
    EXPECT_LE(numbers["rows_per_s_min"], numbers["rows_per_s"]);
    EXPECT_LE(numbers["rows_per_s"], numbers["rows_per_s_max"]);
  }
  const auto& ratio = records->front().numbers.back();
  EXPECT_EQ(ratio.first, "time_ratio");
  EXPECT_EQ(ratio.second, 1);
}

}  // namespace
}  // namespace primacy
