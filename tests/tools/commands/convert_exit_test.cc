// How `primacy convert` ends: 2 for a mistake of the person, 1 for what the inputs hold, one line
// each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temp_dir.h"
#include "tests/tools/commands/command_runner.h"

namespace primacy {
namespace {

using testing::HasSubstr;
using testing_support::Ended;
using testing_support::LineCount;
using testing_support::RunPrimacy;
using testing_support::TempDir;
using testing_support::WriteText;

class ConvertExitTest : public testing::Test {
 protected:
  ConvertExitTest() {
    WriteText(dir_ / "convert.txt",
              "slot { column: 'a' } label { column: 'y' } split { by: NONE }");
  }
  Ended Run(const std::string& input, const std::string& threads) {
    return RunPrimacy({"convert", "--schema=" + (dir_ / "convert.txt"), "--input=" + input,
                       "--out=" + (dir_ / "out"), "--threads=" + threads});
  }
  void ExpectLine(const Ended& ended, int exit_code, const std::string& part) {
    EXPECT_EQ(ended.exit_code, exit_code) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(LineCount(ended.err), 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(part));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
  }
  const TempDir dir_;
};

TEST_F(ConvertExitTest, DamagedInputsEndWithOne) {
  const std::string input = dir_ / "cut.csv.gz";
  WriteText(input, std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10));  // a gzip head, nothing behind
  for (const char* threads : {"1", "2"}) {
    ExpectLine(Run(input, threads), 1, "cut.csv.gz: the gzip stream is cut off");
  }
}

TEST_F(ConvertExitTest, TooManyBadRowsEndWithOne) {
  const std::string input = dir_ / "bad.csv";
  WriteText(input, "a,y\n1,0\n2,maybe\n");
  ExpectLine(Run(input, "2"), 1, "1 of 2 rows are bad");
}

TEST_F(ConvertExitTest, MistakesEndWithTwo) {
  ExpectLine(Run(dir_ / "gone.csv", "2"), 2, "gone.csv is not there");
  WriteText(dir_ / "fine.csv", "a,y\n1,0\n");
  ExpectLine(Run(dir_ / "fine.csv", "-3"), 2, "threads must lie between 1 and");
}

}  // namespace
}  // namespace primacy
