// Each rule finds what it is for and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/atomic_file.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/tidy/rules.h"

namespace primacy::tidy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(CodeOnly, BlanksCommentsAndLiterals) {
  EXPECT_EQ(CodeOnly("a // b\nc"), "a     \nc");
  EXPECT_EQ(CodeOnly("a/* b\n */c"), "a    \n   c");
  EXPECT_EQ(CodeOnly("f(\"//\", '\"', 1'000);"), "f(\"  \", ' ', 1'000);");
  EXPECT_EQ(CodeOnly("x = \"a\\\"b\";"), "x = \"    \";");
  EXPECT_EQ(CodeOnly("R\"(\"//)\" + y"), "R\"     \" + y");
}

TEST(IncludesOf, ReadsBothKinds) {
  const auto includes = IncludesOf("#include <vector>\n\n#include \"common/base/result.h\"\n");
  ASSERT_EQ(includes.size(), 2u);
  EXPECT_EQ(includes[0].path, "vector");
  EXPECT_FALSE(includes[0].quoted);
  EXPECT_EQ(includes[1].path, "common/base/result.h");
  EXPECT_EQ(includes[1].line, 3);
}

TEST(IncludesDescend, RefusesWhatLiesAboveOrBeside) {
  const auto complaints = [](const std::string& path, const std::string& included) {
    return IncludesDescend({{path, "#include \"" + included + "\"\n"}});
  };
  EXPECT_THAT(complaints("common/base/a.h", "common/config/b.h"),
              ElementsAre("common/base/a.h:1: common/base must not include common/config/b.h"));
  EXPECT_THAT(complaints("common/config/a.h", "common/protocol/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("ps/service/a.h", "worker/data/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("worker/data/a.h", "ps/table/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("worker/nn/a.h", "worker/model/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("ps/optimizer/a.h", "ps/table/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("ps/table/a.h", "tests/support/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("worker/model/a.h", "tools/b.h"), testing::SizeIs(1));
  EXPECT_THAT(complaints("elsewhere/a.h", "common/base/b.h"), testing::SizeIs(1));
}

TEST(IncludesDescend, AllowsWhatLiesBelow) {
  EXPECT_THAT(IncludesDescend({
                  {"common/base/a.h", "#include \"common/base/b.h\"\n#include <vector>\n"},
                  {"common/transport/a.h", "#include \"common/protocol/b.h\"\n"},
                  {"ps/table/a.h", "#include \"ps/optimizer/b.h\"\n"},
                  {"ps/ps_main.cc", "#include \"ps/service/b.h\"\n"},
                  {"worker/trainer/a.h", "#include \"worker/model/b.h\"\n"},
                  {"tools/x/a.h", "#include \"ps/table/b.h\"\n#include \"worker/data/b.h\"\n"},
                  {"tests/ps/a.cc", "#include \"tests/support/b.h\"\n"},
              }),
              IsEmpty());
}

TEST(LibrariesStayHome, NamesTheHome) {
  EXPECT_THAT(LibrariesStayHome({{"ps/service/a.cc", "#include <boost/asio/post.hpp>\n"},
                                 {"ps/table/a.cc", "#include <gflags/gflags.h>\n"},
                                 {"worker/model/a.cc", "#include <mpi.h>\n"}}),
              ElementsAre("ps/service/a.cc:1: boost/asio/post.hpp is for common/transport only",
                          "ps/table/a.cc:1: gflags/gflags.h is for tools only",
                          "worker/model/a.cc:1: mpi.h is for common/cluster only"));
  EXPECT_THAT(LibrariesStayHome({{"common/transport/a.cc", "#include <boost/asio/post.hpp>\n"},
                                 {"ps/ps_main.cc", "#include <gflags/gflags.h>\n"},
                                 {"tools/launch/a.cc", "#include <gflags/gflags.h>\n"},
                                 {"common/cluster/a.cc", "#include <mpi.h>\n"}}),
              IsEmpty());
}

TEST(IncludesResolve, KnowsGeneratedHeaders) {
  EXPECT_THAT(IncludesResolve({{"ps/a.cc", "#include \"ps/b.h\"\n#include \"ps/c.pb.h\"\n"},
                               {"ps/c.proto", ""}}),
              ElementsAre("ps/a.cc:1: ps/b.h is no file of the project"));
}

TEST(SourcesAreBuilt, ByTheListOfTheirFolderOrOneAbove) {
  EXPECT_THAT(SourcesAreBuilt({{"ps/x/CMakeLists.txt", "lib(x SOURCES a.cc)  # and b.cc\n"},
                               {"ps/x/a.cc", ""},
                               {"ps/x/b.cc", ""},
                               {"ps/x/not_a.cc", ""},
                               {"ps/CMakeLists.txt", "lib(y SOURCES y/c.cc)"},
                               {"ps/y/c.cc", ""}}),
              ElementsAre("ps/x/b.cc: no CMakeLists.txt names it",
                          "ps/x/not_a.cc: no CMakeLists.txt names it"));
}

TEST(TestsAreRegistered, NeedACallThatRunsThem) {
  EXPECT_THAT(TestsAreRegistered({{"tests/x/CMakeLists.txt",
                                   "primacy_test(a_test SOURCES a_test.cc more_test.cc DEPS x)\n"
                                   "primacy_library(b SOURCES b_test.cc)\n"},
                                  {"tests/x/a_test.cc", ""},
                                  {"tests/x/more_test.cc", ""},
                                  {"tests/x/b_test.cc", ""},
                                  {"tests/y/c_test.cc", ""},
                                  {"ps/d_test.cc", ""}}),
              ElementsAre("ps/d_test.cc: tests belong under tests/",
                          "tests/x/b_test.cc: no test of its CMakeLists.txt runs it",
                          "tests/y/c_test.cc: no test of its CMakeLists.txt runs it"));
}

TEST(TestsAreRegistered, LoopsAreWrittenOut) {
  EXPECT_THAT(TestsAreRegistered({{"tests/x/CMakeLists.txt",
                                   "foreach(test a b)\n"
                                   "  primacy_test(x_${test}_test SOURCES ${test}_test.cc)\n"
                                   "endforeach()\n"},
                                  {"tests/x/a_test.cc", ""},
                                  {"tests/x/b_test.cc", ""},
                                  {"tests/x/c_test.cc", ""}}),
              ElementsAre("tests/x/c_test.cc: no test of its CMakeLists.txt runs it"));
}

TEST(FilesAreShort, CountsLines) {
  EXPECT_THAT(FilesAreShort({{"ps/a.cc", std::string(500, '\n')},
                             {"ps/b.cc", std::string(501, '\n')},
                             {"docs/c.md", std::string(1000, '\n')}}),
              ElementsAre("ps/b.cc: 501 lines, more than 500"));
}

TEST(NothingIsLeftOver, FindsWholeWords) {
  const std::string mark = std::string("TO") + "DO";
  EXPECT_THAT(NothingIsLeftOver({{"ps/a.cc", "int x;\n  // " + mark + ": later\n"},
                                 {"ps/b.cc", "mkdtemp(\"XXXXXX\");"}}),
              ElementsAre("ps/a.cc:2: // " + mark + ": later"));
}

TEST(VirtualFunctionsHaveNoDefaults, LooksAtParametersOnly) {
  const std::string text =
      "class A {\n"
      " public:\n"
      "  virtual ~A() = default;\n"
      "  virtual int F(int x) = 0;\n"
      "  virtual int G(int x,\n"
      "                int y = 3) = 0;\n"
      "  int H(int x = 1);\n"
      "  int I(std::string s = Make(1)) override;\n"
      "  // virtual int J(int x = 1)\n"
      "};\n";
  EXPECT_THAT(VirtualFunctionsHaveNoDefaults({{"ps/a.h", text}}),
              ElementsAre("ps/a.h:5: a virtual function has a default argument",
                          "ps/a.h:8: a virtual function has a default argument"));
}

TEST(HeadersAreGuarded, ByPragma) {
  EXPECT_THAT(HeadersAreGuarded({{"ps/a.h", "#pragma once\n"}, {"ps/b.h", "// #pragma once\n"}}),
              ElementsAre("ps/b.h: #pragma once is missing"));
}

TEST(ReadTree, ReadsTheProjectsFoldersOnly) {
  const testing_support::TempDir root;
  ASSERT_OK(MakeDirectories(root / "ps/table"));
  ASSERT_OK(MakeDirectories(root / "build/ps"));
  ASSERT_OK(WriteFileAtomically(root / "ps/table/a.cc", "a"));
  ASSERT_OK(WriteFileAtomically(root / "ps/table/a.bin", "b"));
  ASSERT_OK(WriteFileAtomically(root / "build/ps/a.cc", "c"));
  const auto tree = ReadTree(root.path());
  ASSERT_OK(tree);
  EXPECT_THAT(*tree, ElementsAre(Pair("ps/table/a.cc", "a")));
}

}  // namespace
}  // namespace primacy::tidy
