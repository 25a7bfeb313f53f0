#include <algorithm>
#include <cstdio>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "common/base/strings.h"
#include "tools/commands/bench_list.h"
#include "tools/commands/command.h"
#include "tools/commands/flags.h"

DEFINE_int32(dim, 16, "weights of a row of the embedding table");
DEFINE_int32(runs, 5, "runs of a bench, of which the median is shown");
DEFINE_double(seconds, 4, "length of a run");

namespace primacy {
namespace {

// `all` runs them in this order.
constexpr Bench kBenches[] = {
    {"step", "training steps of a ranking model",
     "arrangement model batch table_rows single_slots dim compute runs seconds roofline "
     "servers workers launcher consistency staleness wire method log_rows set",
     BenchStep},
    {"table", "rows per second and memory of a table", "keys dim batch_keys runs seconds",
     BenchTable},
    {"checkpoint", "writing and loading a server's file", "keys dim runs", BenchCheckpoint},
    {"wire", "bytes through the transport, which updates nothing", "runs seconds", BenchWire},
    {"rows", "rows pulled from and pushed to one server core",
     "batch table_rows single_slots dim wire runs seconds", BenchRows},
    {"data", "text to log, log to batches", "text_rows runs", BenchData},
};

std::string Join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> Names(std::span<const Bench> benches) {
  std::vector<std::string> names;
  for (const Bench& bench : benches) names.emplace_back(bench.name);
  return names;
}

// Every flag of `benches` once, in order.
std::vector<std::string> FlagsOf(std::span<const Bench> benches) {
  std::vector<std::string> flags;
  for (const Bench& bench : benches) {
    for (const std::string_view flag : Split(bench.flags, ' ')) {
      if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.emplace_back(flag);
    }
  }
  return flags;
}

// That no flag was given which `bench` would not read.
Status CheckFlags(const Bench& bench) {
  const std::vector<std::string> own = FlagsOf({&bench, 1});
  for (const std::string& flag : FlagsOf(kBenches)) {
    if (std::find(own.begin(), own.end(), flag) != own.end()) continue;
    const bool given = flag == "set"
                           ? !Overrides().empty()
                           : !gflags::GetCommandLineFlagInfoOrDie(flag.c_str()).is_default;
    if (!given) continue;
    return UsageError(Format("%s does not read --%s; it reads --%s", bench.name, flag.c_str(),
                             Join(own, " --").c_str()));
  }
  return Ok();
}

}  // namespace

void ShowRecord(const BenchRecord& record) {
  std::printf("%s\n", (FLAGS_json ? BenchJson(record) : BenchText(record)).c_str());
  std::fflush(stdout);
}

Result<std::vector<std::string>> ChosenOf(const std::string& name, const std::string& value,
                                          const std::vector<std::string>& choices) {
  if (value == "all") return choices;
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) {
    return std::vector<std::string>{value};
  }
  return UsageError(Format("%s must be %s or all, is '%s'", name.c_str(),
                           Join(choices, ", ").c_str(), value.c_str()));
}

Status CheckChoice(const std::string& name, const std::string& value,
                   const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return Ok();
  return UsageError(name + " must be one of " + Join(choices, ", ") + ", is '" + value + "'");
}

const char* BenchFlags() {
  static const std::string flags = Join(FlagsOf(kBenches), " ") + " json";
  return flags.c_str();
}

const char* BenchOperand() {
  static const std::string operand = Format("[%s|all]", Join(Names(kBenches), "|").c_str());
  return operand.c_str();
}

Result<int> RunBench(const std::vector<std::string>& arguments) {
  if (arguments.size() > 1) return UsageError("name one bench");
  PRIMACY_ASSIGN(const auto chosen,
                 ChosenOf("the bench", arguments.empty() ? "all" : arguments[0], Names(kBenches)));
  for (const Bench& bench : kBenches) {
    if (std::find(chosen.begin(), chosen.end(), bench.name) == chosen.end()) continue;
    if (chosen.size() == 1) PRIMACY_TRY(CheckFlags(bench));
    PRIMACY_TRY(bench.run());
  }
  return 0;
}

}  // namespace primacy
