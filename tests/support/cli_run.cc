#include "tests/support/cli_run.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <utility>

#include "common/base/atomic_file.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"
#include "tests/support/tiny_log.h"

namespace primacy::testing_support {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollEvery{20};
constexpr std::chrono::seconds kPatience{60};

std::string Contents(const std::string& path) {
  const Result<std::string> text = ReadFile(path, 16 << 20);
  return text.ok() ? *text : "";
}

int OpenOutput(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

}  // namespace

Program::Program(std::vector<std::string> arguments, std::string output)
    : output_(std::move(output)) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const int out = OpenOutput(output_ + ".out");
  const int err = OpenOutput(output_ + ".err");
  CHECK(out >= 0 && err >= 0) << output_;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(out);
  ::close(err);
}

Program::~Program() {
  if (!running()) return;
  Signal(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Program::Signal(int signal) const { ::kill(pid_, signal); }

bool Program::running() {
  if (ended_) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return false;
}

int Program::Wait(std::chrono::seconds patience) {
  return WaitFor([this] { return !running(); }, patience) ? exit_code_ : -1;
}

std::string Program::errors() const { return Contents(output_ + ".err"); }
std::string Program::printed() const { return Contents(output_ + ".out"); }

std::string BinaryFolder() {
  const std::vector<std::string> arguments = testing::internal::GetArgvs();
  CHECK_GE(arguments.size(), 2u) << "give the folder of the binaries";
  return arguments.back();
}

Workbench::Workbench(const std::string& folder)
    : folder(folder), job_file(folder + "/log/job.txt") {
  WriteTinyLog(folder + "/log");
  CHECK(WriteFileAtomically(job_file, std::string_view(R"(
    name: "tiny"
    data { log: "." }
    task { name: "like" }
    task { name: "click" }
    model { embedding_dim: 4 bottom: 16 tower: 8 }
    training { batch_rows: 120 passes_max: 30 patience: 0 evaluations_per_pass: 1 }
    runtime { checkpoint_every_steps: 40 }
  )"))
            .ok());
}

std::vector<std::string> Workbench::TrainCommand(const std::string& run, int servers, int workers,
                                                 const std::vector<std::string>& extra) const {
  std::vector<std::string> command = {BinaryFolder() + "/primacy",
                                      "train",
                                      "--job=" + job_file,
                                      "--run_dir=" + RunDir(run),
                                      "--servers=" + std::to_string(servers),
                                      "--workers=" + std::to_string(workers)};
  command.insert(command.end(), extra.begin(), extra.end());
  return command;
}

std::vector<std::string> Workbench::MpirunCommand(const std::string& run, int servers, int workers,
                                                  const std::vector<std::string>& options,
                                                  const std::vector<std::string>& extra) const {
  std::vector<std::string> rank = {"--job=" + job_file, "--run_dir=" + RunDir(run)};
  rank.insert(rank.end(), extra.begin(), extra.end());
  std::vector<std::string> command = {"/usr/bin/env", "mpirun"};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {"-np", std::to_string(servers), BinaryFolder() + "/primacy_ps"});
  command.insert(command.end(), rank.begin(), rank.end());
  command.insert(command.end(),
                 {":", "-np", std::to_string(workers), BinaryFolder() + "/primacy_worker"});
  command.insert(command.end(), rank.begin(), rank.end());
  return command;
}

Outcome RunToEnd(const std::vector<std::string>& command, const std::string& output) {
  const auto began = Clock::now();
  Program program(command, output);
  Outcome outcome;
  outcome.exit_code = program.Wait(kPatience);
  outcome.seconds = std::chrono::duration<double>(Clock::now() - began).count();
  outcome.errors = program.errors();
  outcome.printed = program.printed();
  return outcome;
}

bool WaitFor(const std::function<bool()>& there, std::chrono::seconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!there()) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kPollEvery);
  }
  return true;
}

bool HasSaved(const std::string& run_dir, size_t generations) {
  // Old generations are removed as new ones come: the numbers grow.
  const auto saved = ListGenerations(CheckpointRoot(run_dir));
  return saved.ok() && !saved->empty() && saved->back() >= generations;
}

RankRecord FindRank(const std::string& run_dir, Role role, int rank) {
  for (const RankRecord& record : ReadRankFiles(run_dir)) {
    if (record.role == role && record.rank == rank) return record;
  }
  return RankRecord();
}

std::string DigestOf(const std::string& run_dir) {
  const std::string root = CheckpointRoot(run_dir);
  const auto newest = FindResumePoint(root, CheckDepth::kManifests);
  if (!newest.ok()) return newest.error().message();
  const auto digest = GenerationDigest(root + "/" + GenerationName(newest->generation));
  return digest.ok() ? *digest : digest.error().message();
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace primacy::testing_support
