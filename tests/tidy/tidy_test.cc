// The project's own files keep its rules.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>

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

// What the shell command prints.
std::string OutputOf(const std::string& command) {
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  CHECK(pipe != nullptr);
  std::array<char, 4096> buffer;
  while (const size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), size);
  }
  pclose(pipe);
  return output;
}

TEST(Format, SourcesAreAsClangFormatLeavesThem) {
  if (OutputOf("command -v clang-format").empty()) GTEST_SKIP() << "clang-format is not installed";
  const std::string output =
      OutputOf("cd '" PRIMACY_SOURCE_DIR
               "' && find common ps worker tools tests -name '*.cc' -o -name '*.h' | sort |"
               " xargs clang-format --dry-run 2>&1 | grep -oE '^[a-z]+/[^ :]+' | sort -u");
  EXPECT_TRUE(output.empty()) << "run clang-format -i on these:\n" << output;
}

}  // namespace
}  // namespace primacy::tidy
