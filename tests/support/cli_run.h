// Runs the project's real binaries as a person would, over a tiny log.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "common/cluster/rank_file.h"

namespace primacy::testing_support {

// A program that runs, with its output in files. Killed at the end of its scope if it still runs.
class Program {
 public:
  // `arguments`: the program's path first. `output`: a path without extension.
  Program(std::vector<std::string> arguments, std::string output);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void Signal(int signal) const;
  bool running();
  // The exit code, 128 + signal when a signal ended it. Killed when it takes too long: -1.
  int Wait(std::chrono::seconds patience);
  // Standard error and standard output.
  std::string errors() const;
  std::string printed() const;

 private:
  const std::string output_;
  pid_t pid_;
  int exit_code_ = -1;
  bool ended_ = false;
};

// The folder of primacy, primacy_ps and primacy_worker: the test's only argument.
std::string BinaryFolder();

// A folder with a tiny log and a job over it, and the runs that are made there.
struct Workbench {
  explicit Workbench(const std::string& folder);

  // `primacy train` into folder/RUN. `extra`: further flags.
  std::vector<std::string> TrainCommand(const std::string& run, int servers, int workers,
                                        const std::vector<std::string>& extra = {}) const;
  // The same by hand: mpirun with `options` of its own, and `extra` for every rank.
  std::vector<std::string> MpirunCommand(const std::string& run, int servers, int workers,
                                         const std::vector<std::string>& options,
                                         const std::vector<std::string>& extra = {}) const;
  std::string RunDir(const std::string& run) const { return folder + "/" + run; }

  const std::string folder;
  const std::string job_file;
};

// Starts and waits.
struct Outcome {
  int exit_code = 0;
  std::string errors;
  std::string printed;
  double seconds = 0;
};
Outcome RunToEnd(const std::vector<std::string>& command, const std::string& output);

// Polls until `there` or for `patience`; whether it came.
bool WaitFor(const std::function<bool()>& there, std::chrono::seconds patience);

// Whether the run has saved at least `generations` of them.
bool HasSaved(const std::string& run_dir, size_t generations);
// The rank's record; pid 0 when there is none.
RankRecord FindRank(const std::string& run_dir, Role role, int rank);
// Of the newest generation.
std::string DigestOf(const std::string& run_dir);
// How often `part` is in `text`.
int Count(const std::string& text, const std::string& part);

}  // namespace primacy::testing_support
