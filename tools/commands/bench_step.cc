#include "tools/bench/step_bench.h"
#include "tools/commands/bench_list.h"

DEFINE_string(arrangement, "all",
              "of the step bench: process (one thread, no transport), job, or all");
DEFINE_string(model, "all", "of the step bench: shared_bottom, mmoe or all");
DEFINE_int32(batch, static_cast<int>(primacy::StepBenchOptions().batch), "rows of a step");
DEFINE_uint64(table_rows, primacy::StepBenchOptions().table_rows, "rows of the embedding table");
DEFINE_int32(single_slots, primacy::StepBenchOptions().slots,
             "single-valued slots, beside the one of 10 values");
DEFINE_uint64(log_rows, primacy::StepBenchOptions().log_rows, "rows of the log of a run as a job");

namespace primacy {
namespace {

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

}  // namespace

Status BenchStep() {
  PRIMACY_ASSIGN(StepBenchOptions options, StepOptions());
  PRIMACY_ASSIGN(const auto arrangements,
                 ChosenOf("--arrangement", FLAGS_arrangement, {"process", "job"}));
  PRIMACY_ASSIGN(const auto models, ChosenOf("--model", FLAGS_model, {"shared_bottom", "mmoe"}));
  for (const std::string& arrangement : arrangements) {
    for (const std::string& model : models) {
      options.model = model == "mmoe" ? ModelConfig::MMOE : ModelConfig::SHARED_BOTTOM;
      PRIMACY_ASSIGN(const BenchRecord record,
                     arrangement == "job" ? StepBenchAsJob(options) : StepBenchInProcess(options));
      ShowRecord(record);
    }
  }
  return Ok();
}

}  // namespace primacy
