// primacy: the person's command. `primacy COMMAND --flag=value …`
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "tools/commands/command.h"
#include "tools/commands/flags.h"

namespace primacy {
namespace {

const Command kCommands[] = {
    {"generate", "a log with planted task conflict", "out rows seed tasks conflict", RunGenerate},
    {"convert", "delimited text into a click log", "schema input out parts", RunConvert},
    {"check", "what is wrong with a job, before anything runs", "job set", RunCheck},
    {"train", "train a job", "job run_dir servers workers launcher resume init_from set", RunTrain},
    {"eval", "metrics of a checkpoint on a log", "checkpoint log slice json", RunEval},
    {"predict", "scores of a checkpoint as CSV", "checkpoint log slice out", RunPredict},
    {"export", "tables and tensors as NumPy arrays", "checkpoint out optimizer_slots", RunExport},
    {"inspect", "what a log, a checkpoint or a run holds", "verify json", RunInspect},
    {"compare", "several methods over seeds: table and plot", "job methods seeds run_dir set", RunCompare},
};

// Takes every --set=field=value (or --set field=value) off the command line.
void TakeOverrides(std::vector<char*>& arguments) {
  std::vector<char*> kept;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string argument = arguments[i];
    if (argument.rfind("--set=", 0) == 0) {
      Overrides().push_back(argument.substr(6));
    } else if (argument == "--set" && i + 1 < arguments.size()) {
      Overrides().push_back(arguments[++i]);
    } else {
      kept.push_back(arguments[i]);
    }
  }
  arguments = kept;
}

int Usage() {
  std::fputs("usage: primacy COMMAND --flag=value ...\n\n", stderr);
  for (const Command& command : kCommands) {
    std::fprintf(stderr, "  %-10s %s\n", command.name, command.summary);
  }
  return 2;
}

int Main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  if (argc < 2) return Usage();
  const std::string name = argv[1];
  for (const Command& command : kCommands) {
    if (name != command.name) continue;
    std::vector<char*> arguments(argv + 1, argv + argc);
    TakeOverrides(arguments);
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    char** rest = arguments.data();
    gflags::ParseCommandLineFlags(&count, &rest, true);
    const Result<int> outcome = command.run(std::vector<std::string>(rest + 1, rest + count));
    if (outcome.ok()) return *outcome;
    std::fprintf(stderr, "primacy %s: %s\n", command.name, outcome.error().message().c_str());
    return outcome.error().kind() == ErrorKind::kUsage ? 2 : 1;
  }
  return Usage();
}

}  // namespace
}  // namespace primacy

int main(int argc, char** argv) { return primacy::Main(argc, argv); }
