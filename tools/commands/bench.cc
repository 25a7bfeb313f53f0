#include "tools/bench/bench.h"

#include <cstdio>
#include <string>
#include <vector>

#include "tools/commands/command.h"
#include "tools/commands/flags.h"

DEFINE_string(arrangement, "all",
              "of the step bench: process (one thread, no transport), job, or all");
DEFINE_string(model, "all", "of the step bench: shared_bottom, mmoe or all");
DEFINE_int32(batch, static_cast<int>(primacy::StepBenchOptions().batch), "rows of a step");
DEFINE_uint64(table_rows, primacy::StepBenchOptions().table_rows, "rows of the embedding table");
DEFINE_int32(single_slots, primacy::StepBenchOptions().slots,
             "single-valued slots, beside the one of 10 values");
DEFINE_int32(runs, primacy::StepBenchOptions().runs, "runs, of which the median is shown");
DEFINE_double(seconds, primacy::StepBenchOptions().seconds, "length of a run in process");
DEFINE_uint64(log_rows, primacy::StepBenchOptions().log_rows, "rows of the log of a run as a job");

namespace primacy {
namespace {

// What `value` of the flag `name` stands for: one of `choices`, or all of them.
Result<std::vector<std::string>> Chosen(const std::string& name, const std::string& value,
                                        const std::vector<std::string>& choices) {
  if (value == "all") return choices;
  std::string known;
  for (const std::string& choice : choices) {
    if (choice == value) return std::vector<std::string>{value};
    known += choice + ", ";
  }
  return UsageError(name + " must be " + known + "or all, is '" + value + "'");
}

Result<StepBenchOptions> StepOptions() {
  StepBenchOptions options;
  if (FLAGS_batch < 1) return UsageError("--batch must be at least 1");
  options.batch = static_cast<size_t>(FLAGS_batch);
  options.table_rows = FLAGS_table_rows;
  options.slots = FLAGS_single_slots;
  options.runs = FLAGS_runs;
  options.seconds = FLAGS_seconds;
  options.log_rows = FLAGS_log_rows;
  return options;
}

Status BenchStep() {
  PRIMACY_ASSIGN(StepBenchOptions options, StepOptions());
  PRIMACY_ASSIGN(const auto arrangements,
                 Chosen("--arrangement", FLAGS_arrangement, {"process", "job"}));
  PRIMACY_ASSIGN(const auto models, Chosen("--model", FLAGS_model, {"shared_bottom", "mmoe"}));
  for (const std::string& arrangement : arrangements) {
    for (const std::string& model : models) {
      options.model = model == "mmoe" ? ModelConfig::MMOE : ModelConfig::SHARED_BOTTOM;
      PRIMACY_ASSIGN(const BenchRecord record,
                     arrangement == "job" ? StepBenchAsJob(options) : StepBenchInProcess(options));
      std::printf("%s\n", (FLAGS_json ? BenchJson(record) : BenchText(record)).c_str());
      std::fflush(stdout);
    }
  }
  return Ok();
}

}  // namespace

Result<int> RunBench(const std::vector<std::string>& arguments) {
  if (arguments.size() > 1) return UsageError("name one bench");
  PRIMACY_ASSIGN(const auto benches,
                 Chosen("the bench", arguments.empty() ? "all" : arguments[0], {"step"}));
  for (size_t b = 0; b < benches.size(); ++b) PRIMACY_TRY(BenchStep());
  return 0;
}

}  // namespace primacy
