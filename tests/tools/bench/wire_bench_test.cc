#include "tools/bench/wire_bench.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/result_matchers.h"

namespace primacy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(WireBench, MeasuresBothSocketsWithAndWithoutSpinning) {
  std::vector<std::string> seen;
  const Status ran = WireBench({.runs = 1, .seconds = 0.05}, [&](const BenchRecord& record) {
    EXPECT_EQ(record.name, "wire");
    ASSERT_EQ(record.labels.size(), 3u);
    seen.push_back(record.labels[0].second + " " + record.labels[1].second);
    EXPECT_EQ(record.labels[2].second, "moves bytes, updates nothing");
    EXPECT_EQ(record.numbers.size(), 10u);
    for (const auto& [name, value] : record.numbers) EXPECT_GT(value, 0) << name;
    EXPECT_THAT(BenchJson(record), HasSubstr("\"request_4mib_gb_per_s\":"));
  });
  ASSERT_OK(ran);
  EXPECT_THAT(seen, ElementsAre("tcp 0", "tcp 50", "unix 0", "unix 50"));
}

TEST(WireBench, OptionsAreChecked) {
  const auto ignore = [](const BenchRecord&) {};
  for (const WireBenchOptions& wrong : {WireBenchOptions{.runs = 0}, WireBenchOptions{.seconds = 0},
                                        WireBenchOptions{.seconds = -1}}) {
    const Status refused = WireBench(wrong, ignore);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace primacy
