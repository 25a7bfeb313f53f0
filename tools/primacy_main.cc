// primacy: the person's command. `primacy COMMAND --flag=value …`
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string_view>

#include "common/base/exit_code.h"
#include "tools/commands/command.h"
#include "tools/commands/command_line.h"
#include "tools/commands/flags.h"

namespace primacy {
namespace {

const Command kCommands[] = {
    {"generate", "a log with planted task conflict",
     "out rows seed tasks conflict users items zipf slots appeal_share own_share mask_last truth "
     "parts",
     RunGenerate},
    {"convert", "delimited text into a click log", "schema input out parts threads", RunConvert},
    {"check", "what is wrong with a job, before anything runs", "job set", RunCheck},
    {"train", "train a job",
     "job run_dir servers workers launcher resume init_from hostfile mpi_args set", RunTrain},
    {"eval", "metrics of a checkpoint on a log", "checkpoint log slice servers workers json",
     RunEval},
    {"predict", "scores of a checkpoint as CSV", "checkpoint log slice out servers workers",
     RunPredict},
    {"export", "tables and tensors as NumPy arrays", "checkpoint out optimizer_slots", RunExport},
    {"inspect", "what a log, a checkpoint or a run holds", "verify json", RunInspect,
     "FILE-or-DIR"},
    {"compare", "several methods over seeds and models: table, plots and page",
     "job methods models seeds run_dir resume jobs servers workers set", RunCompare},
    {"bench", "how fast Primacy does work that anyone can repeat", BenchFlags(), RunBench,
     BenchOperand()},
};

const Command* FindCommand(std::string_view name) {
  for (const Command& command : kCommands) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

void PrintUsage(std::FILE* out) {
  std::fputs("usage: primacy COMMAND --flag=value ...\n\n", out);
  for (const Command& command : kCommands) {
    std::fprintf(out, "  %-10s %s\n", command.name, command.summary);
  }
  std::fputs("\nprimacy help COMMAND lists the flags of a command.\n", out);
}

int UnknownCommand(const char* name) {
  std::fprintf(stderr, "primacy: there is no command \"%s\"; primacy help lists them\n", name);
  return kUsageExitCode;
}

int Help(std::span<char* const> arguments) {
  if (arguments.empty()) {
    PrintUsage(stdout);
    return 0;
  }
  const Command* command = FindCommand(arguments[0]);
  if (command == nullptr) return UnknownCommand(arguments[0]);
  std::fputs(DescribeCommand(*command).c_str(), stdout);
  return 0;
}

Result<int> Run(const Command& command, std::span<char* const> arguments) {
  PRIMACY_ASSIGN(const CommandLine line, ReadCommandLine(command, arguments));
  if (line.help) {
    std::fputs(DescribeCommand(command).c_str(), stdout);
    return 0;
  }
  Overrides() = line.overrides;
  return command.run(line.operands);
}

// Libraries throw where the system has nothing left to give: threads, files, memory.
Result<int> RunGuarded(const Command& command, std::span<char* const> arguments) {
  try {
    return Run(command, arguments);
  } catch (const std::exception& error) {
    return Failure(error.what());
  }
}

// What a library logs is for whoever looks into it: warnings and worse, on the error output.
void StartLogging(const char* program) {
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_WARNING;
  google::InitGoogleLogging(program);
}

int Main(std::span<char* const> arguments) {
  StartLogging(arguments[0]);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk
  if (arguments.size() < 2) {
    PrintUsage(stderr);
    return kUsageExitCode;
  }
  const std::string_view name = arguments[1];
  if (name == "help" || name == "--help" || name == "-h") return Help(arguments.subspan(2));
  const Command* command = FindCommand(name);
  if (command == nullptr) return UnknownCommand(arguments[1]);
  Result<int> outcome = RunGuarded(*command, arguments.subspan(2));
  // What was printed may be all there is of the result.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && outcome.ok())
    outcome = Failure("cannot write to the standard output");
  if (outcome.ok()) return *outcome;
  std::fprintf(stderr, "primacy %s: %s\n", command->name, outcome.error().message().c_str());
  return ExitCodeOf(outcome.error());
}

}  // namespace
}  // namespace primacy

int main(int argc, char** argv) { return primacy::Main({argv, static_cast<size_t>(argc)}); }
