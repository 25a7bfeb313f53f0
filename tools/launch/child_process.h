// A program started in a process group of its own, with its output in a file: a person's Ctrl-C
// does not reach it, and it can be ended with all that it started on this host.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace primacy {

struct ChildCommand {
  std::vector<std::string> arguments;  // the first one is the program's path
  // Set for the child, on top of this process's environment.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string output_file;  // standard output and error, written anew
};

// Not thread safe. Start it from a thread that lives as long as it: the kernel ends the child with
// the thread that started it.
class ChildProcess {
 public:
  static Result<std::unique_ptr<ChildProcess>> Start(const ChildCommand& command);
  // Kills the group when the child still runs.
  ~ChildProcess();

  // The exit code once it has ended (128 + signal when a signal ended it), nothing before.
  std::optional<int> Poll();
  // Sends `signal` to the group.
  void Signal(int signal);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  const pid_t pid_;  // also that of the group
  std::optional<int> exit_code_;
};

// The path of a program in $PATH, or nothing.
std::optional<std::string> FindProgram(const std::string& name);
// The folder of this process's own binary.
std::string ProgramFolder();
std::string HostName();

}  // namespace primacy
