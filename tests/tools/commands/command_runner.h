// Runs the real `primacy` binary and says how it ended.
#pragma once

#include <fcntl.h>
#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace primacy::testing_support {

struct Ended {
  int exit_code = -1;  // 128 + signal where one ended it
  std::string out;
  std::string err;
};

inline std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline auto LineCount(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// With the program's path in PRIMACY_BINARY and nothing on its standard input.
inline Ended RunPrimacy(const std::vector<std::string>& arguments) {
  const TempDir dir;
  const pid_t child = ::fork();
  CHECK_GE(child, 0);
  if (child == 0) {
    std::vector<char*> argv = {const_cast<char*>(PRIMACY_BINARY)};
    for (const std::string& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const auto redirect = [](const std::string& path, int flags, int to) {
      const int fd = ::open(path.c_str(), flags, 0600);
      if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(127);
    };
    redirect("/dev/null", O_RDONLY, STDIN_FILENO);
    redirect(dir / "out", O_WRONLY | O_CREAT, STDOUT_FILENO);
    redirect(dir / "err", O_WRONLY | O_CREAT, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  CHECK_EQ(::waitpid(child, &status, 0), child);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, ReadText(dir / "out"), ReadText(dir / "err")};
}

// That the program calls it a mistake of the person: one line with all of `parts`, exit code 2.
inline void ExpectMistake(const std::vector<std::string>& arguments,
                          const std::vector<std::string>& parts) {
  SCOPED_TRACE(testing::PrintToString(arguments));
  const Ended ended = RunPrimacy(arguments);
  EXPECT_EQ(ended.exit_code, 2) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(LineCount(ended.err), 1) << ended.err;
  EXPECT_THAT(ended.err, testing::StartsWith("primacy"));
  for (const std::string& part : parts) EXPECT_THAT(ended.err, testing::HasSubstr(part));
}

}  // namespace primacy::testing_support
