#include <algorithm>
#include <cctype>
#include <memory>

#include "common/config/job_config.h"
#include "tools/bench/step_bench.h"
#include "tools/commands/bench_list.h"
#include "tools/commands/flags.h"

DEFINE_string(arrangement, "all",
              "process (one thread, no transport), job (servers and workers), or all");
DEFINE_string(model, "all", "shared_bottom, mmoe or all");
DEFINE_int32(batch, static_cast<int>(primacy::StepBenchOptions().batch), "rows of a step");
DEFINE_uint64(table_rows, primacy::StepBenchOptions().table_rows, "rows of the embedding table");
DEFINE_int32(single_slots, primacy::StepBenchOptions().slots,
             "single-valued slots, beside the one of 10 values");
DEFINE_string(compute, "fp32", "fp32 or bf16");
DEFINE_string(consistency, "bsp", "of a job: bsp, ssp or asp");
DEFINE_int32(staleness, 1, "of a job with --consistency=ssp");
DEFINE_string(wire, "fp32", "of a job: fp32, fp16 or bf16");
DEFINE_uint64(log_rows, 200'000, "of a job: rows of a pass, which is one run");
DEFINE_bool(roofline, true, "in process: the share of the roofline too");

namespace primacy {
namespace {

std::string UpperCase(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

// `value` of the flag `name` must be one of `choices`.
Status CheckChoice(const std::string& name, const std::string& value,
                   const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return Ok();
  std::string known;
  for (const std::string& choice : choices) known += (known.empty() ? "" : ", ") + choice;
  return UsageError(name + " must be one of " + known + ", is '" + value + "'");
}

Result<StepBenchOptions> StepOptions() {
  StepBenchOptions options;
  if (FLAGS_batch < 1) return UsageError("--batch must be at least 1");
  PRIMACY_TRY(CheckChoice("--compute", FLAGS_compute, {"fp32", "bf16"}));
  options.batch = static_cast<size_t>(FLAGS_batch);
  options.slots = FLAGS_single_slots;
  options.dim = FLAGS_dim;
  options.table_rows = FLAGS_table_rows;
  options.compute = FLAGS_compute == "bf16" ? BF16 : FP32;
  options.runs = FLAGS_runs;
  options.seconds = FLAGS_seconds;
  options.roofline = FLAGS_roofline;
  PRIMACY_TRY(CheckStepBenchOptions(options));
  return options;
}

Result<StepJobOptions> JobArrangement() {
  PRIMACY_TRY(CheckChoice("--launcher", FLAGS_launcher, {"mpi", "local"}));
  PRIMACY_TRY(CheckChoice("--consistency", FLAGS_consistency, {"bsp", "ssp", "asp"}));
  PRIMACY_TRY(CheckChoice("--wire", FLAGS_wire, {"fp32", "fp16", "bf16"}));
  PRIMACY_TRY(RequireProcesses());
  StepJobOptions job;
  job.servers = FLAGS_servers;
  job.workers = FLAGS_workers;
  job.processes = FLAGS_launcher == "mpi";
  job.overrides = {"runtime.consistency=" + UpperCase(FLAGS_consistency),
                   "runtime.staleness=" + std::to_string(FLAGS_staleness),
                   "runtime.wire=" + UpperCase(FLAGS_wire)};
  job.overrides.insert(job.overrides.end(), Overrides().begin(), Overrides().end());
  return job;
}

}  // namespace

Status BenchStep() {
  PRIMACY_ASSIGN(StepBenchOptions options, StepOptions());
  PRIMACY_ASSIGN(const StepJobOptions job, JobArrangement());
  PRIMACY_ASSIGN(const auto arrangements,
                 ChosenOf("--arrangement", FLAGS_arrangement, {"process", "job"}));
  PRIMACY_ASSIGN(const auto models, ChosenOf("--model", FLAGS_model, {"shared_bottom", "mmoe"}));
  std::unique_ptr<StepLog> log;
  if (arrangements.back() == "job") {
    PRIMACY_ASSIGN(log, StepLog::Write(options, FLAGS_log_rows));
  }
  for (const std::string& arrangement : arrangements) {
    for (const std::string& model : models) {
      options.model = model == "mmoe" ? ModelConfig::MMOE : ModelConfig::SHARED_BOTTOM;
      PRIMACY_ASSIGN(const BenchRecord record, arrangement == "job"
                                                   ? StepBenchAsJob(options, job, *log)
                                                   : StepBenchInProcess(options));
      ShowRecord(record);
    }
  }
  return Ok();
}

}  // namespace primacy
