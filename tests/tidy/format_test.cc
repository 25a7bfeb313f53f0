// The project's sources are formatted. A program of its own, since it is skipped where there is no
// clang-format.
#include <glog/logging.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

#include "tests/support/test_data.h"

namespace primacy::tidy {
namespace {

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
  if (OutputOf("command -v clang-format").empty()) PRIMACY_END_TEST_WITHOUT("clang-format");
  const std::string output =
      OutputOf("cd '" PRIMACY_SOURCE_DIR
               "' && find common ps worker tools tests -name '*.cc' -o -name '*.h' | sort |"
               " xargs clang-format --dry-run 2>&1 | grep -oE '^[a-z]+/[^ :]+' | sort -u");
  EXPECT_TRUE(output.empty()) << "run clang-format -i on these:\n" << output;
}

}  // namespace
}  // namespace primacy::tidy
