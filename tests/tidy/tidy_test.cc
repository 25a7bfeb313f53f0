// The project's own files keep its rules.
#include <gtest/gtest.h>

#include "tests/support/result_matchers.h"
#include "tests/tidy/rules.h"

namespace primacy::tidy {
namespace {

struct Rule {
  const char* name;
  Complaints (*check)(const Tree& tree);
};

class Tidy : public testing::TestWithParam<Rule> {
 protected:
  static void SetUpTestSuite() {
    auto tree = ReadTree(PRIMACY_SOURCE_DIR);
    ASSERT_OK(tree);
    tree_ = new Tree(*std::move(tree));
    // A wrong root would keep every rule.
    ASSERT_TRUE(tree_->contains("common/base/result.h"));
  }
  static void TearDownTestSuite() {
    delete tree_;
    tree_ = nullptr;
  }

  static Tree* tree_;
};

Tree* Tidy::tree_ = nullptr;

TEST_P(Tidy, Holds) {
  for (const std::string& complaint : GetParam().check(*tree_)) ADD_FAILURE() << complaint;
}

INSTANTIATE_TEST_SUITE_P(Rules, Tidy,
                         testing::Values(Rule{"IncludesDescend", IncludesDescend},
                                         Rule{"LibrariesStayHome", LibrariesStayHome},
                                         Rule{"IncludesResolve", IncludesResolve},
                                         Rule{"SourcesAreBuilt", SourcesAreBuilt},
                                         Rule{"TestsAreRegistered", TestsAreRegistered},
                                         Rule{"FilesAreShort", FilesAreShort},
                                         Rule{"NothingIsLeftOver", NothingIsLeftOver},
                                         Rule{"VirtualFunctionsHaveNoDefaults",
                                              VirtualFunctionsHaveNoDefaults},
                                         Rule{"HeadersAreGuarded", HeadersAreGuarded}),
                         [](const testing::TestParamInfo<Rule>& info) { return info.param.name; });

}  // namespace
}  // namespace primacy::tidy
