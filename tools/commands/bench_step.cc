#include <memory>

#include "common/config/job_config.h"
#include "tools/bench/step_bench.h"
#include "tools/bench/step_methods.h"
#include "tools/commands/bench_list.h"
#include "tools/commands/flags.h"
#include "tools/commands/step_flags.h"

DEFINE_string(arrangement, "all",
              "process (one thread, no transport), job (servers and workers), or all");
DEFINE_string(model, "all", "shared_bottom, mmoe or all");
DEFINE_string(consistency, "bsp", "of a job: bsp, ssp or asp");
DEFINE_int32(staleness, 1, "of a job with --consistency=ssp");
DEFINE_uint64(log_rows, 200'000, "of a job: rows of a pass, which is one run");
DEFINE_string(method, "weighted",
              "of a job: priority.method, or a list of methods, or all; several are run in turn");

namespace primacy {
namespace {

Result<StepJobOptions> JobArrangement() {
  PRIMACY_TRY(CheckChoice("--launcher", FLAGS_launcher, {"mpi", "local"}));
  RuntimeConfig::Consistency consistency = RuntimeConfig::BSP;
  PRIMACY_TRY(CheckChoice("--consistency", FLAGS_consistency, {"bsp", "ssp", "asp"}));
  if (FLAGS_consistency != "bsp") {
    consistency = FLAGS_consistency == "ssp" ? RuntimeConfig::SSP : RuntimeConfig::ASP;
  }
  PRIMACY_ASSIGN(const Precision wire, WireOption());
  PRIMACY_TRY(RequireProcesses());
  StepJobOptions job;
  job.servers = FLAGS_servers;
  job.workers = FLAGS_workers;
  job.processes = FLAGS_launcher == "mpi";
  job.overrides = {"runtime.consistency=" + RuntimeConfig::Consistency_Name(consistency),
                   "runtime.staleness=" + std::to_string(FLAGS_staleness),
                   "runtime.bsp_warmup_steps=0", "runtime.wire=" + Precision_Name(wire)};
  job.overrides.insert(job.overrides.end(), Overrides().begin(), Overrides().end());
  return job;
}

Result<std::vector<BenchRecord>> RunJobs(const StepBenchOptions& options, StepJobOptions job,
                                         const std::vector<PriorityConfig::Method>& methods,
                                         const StepLog& log) {
  if (methods.size() > 1) return StepBenchOfMethods(options, job, methods, log);
  job.method = methods[0];
  PRIMACY_ASSIGN(BenchRecord record, StepBenchAsJob(options, job, log));
  return std::vector<BenchRecord>{std::move(record)};
}

}  // namespace

Status BenchStep() {
  PRIMACY_ASSIGN(StepBenchOptions options, StepOptions());
  PRIMACY_ASSIGN(const StepJobOptions job, JobArrangement());
  PRIMACY_ASSIGN(const auto methods, ParseStepMethods(FLAGS_method));
  PRIMACY_ASSIGN(const auto arrangements,
                 ChosenOf("--arrangement", FLAGS_arrangement, {"process", "job"}));
  PRIMACY_ASSIGN(const auto models, ChosenOf("--model", FLAGS_model, {"shared_bottom", "mmoe"}));
  std::unique_ptr<StepLog> log;
  if (arrangements.back() == "job") {
    PRIMACY_ASSIGN(log, StepLog::Write(options, FLAGS_log_rows));
  } else if (methods != std::vector{PriorityConfig::WEIGHTED}) {
    return UsageError("--method: --arrangement=process has no servers that weigh; take job");
  }
  for (const std::string& arrangement : arrangements) {
    for (const std::string& model : models) {
      options.model = model == "mmoe" ? ModelConfig::MMOE : ModelConfig::SHARED_BOTTOM;
      if (arrangement == "process") {
        PRIMACY_ASSIGN(const BenchRecord record, StepBenchInProcess(options));
        ShowRecord(record);
        continue;
      }
      PRIMACY_ASSIGN(const auto records, RunJobs(options, job, methods, *log));
      for (const BenchRecord& record : records) ShowRecord(record);
    }
  }
  return Ok();
}

}  // namespace primacy
