#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace {

// What ctest takes for "skipped" (SKIP_RETURN_CODE): nothing failed, and something did not run.
constexpr int kSkipped = 77;

// Whether `path` ends with one of the names of the comma-separated list.
bool IsOneOf(std::string_view names, std::string_view path) {
  const std::string_view file = path.substr(path.rfind('/') + 1);
  while (!names.empty()) {
    const size_t comma = names.find(',');
    if (names.substr(0, comma) == file) return true;
    names = comma == std::string_view::npos ? "" : names.substr(comma + 1);
  }
  return false;
}

// A filter for the tests that those sources have.
std::string FilterOf(std::string_view sources) {
  std::string filter;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& test = *suite.GetTestInfo(t);
      if (!IsOneOf(sources, test.file())) continue;
      filter += (filter.empty() ? "" : ":") + std::string(suite.name()) + "." + test.name();
    }
  }
  return filter;
}

}  // namespace

// --only_in=a_test.cc,b_test.cc: what other sources of the program have is not run.
int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  testing::InitGoogleMock(&argc, argv);
  constexpr std::string_view kOnlyIn = "--only_in=";
  if (argc > 1 && std::string_view(argv[1]).starts_with(kOnlyIn)) {
    const std::string filter = FilterOf(std::string_view(argv[1]).substr(kOnlyIn.size()));
    CHECK(!filter.empty()) << argv[1];
    testing::GTEST_FLAG(filter) = filter;
  }
  const int outcome = RUN_ALL_TESTS();
  if (outcome != 0) return outcome;
  return testing::UnitTest::GetInstance()->skipped_test_count() > 0 ? kSkipped : 0;
}
