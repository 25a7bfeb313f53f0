#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "common/base/atomic_file.h"
#include "common/base/directory_lock.h"
#include "common/base/json_value.h"
#include "common/base/strings.h"
#include "common/config/job_config.h"
#include "ps/coordinator/prepare_run.h"
#include "tools/bench/step_bench.h"
#include "tools/bench/step_work.h"
#include "tools/launch/local_job.h"
#include "tools/launch/mpi_job.h"
#include "tools/launch/report_file.h"

namespace primacy {
namespace {

constexpr uint64_t kFileBytesMax = 64 << 20;

// A new run directory of the job in the log's scratch directory, with its job file.
Result<RunRequest> PlaceJob(const Job& job, const StepJobOptions& arrangement, const StepLog& log) {
  RunRequest request;
  request.run_dir = log.scratch() / "run";
  std::error_code code;
  std::filesystem::remove_all(request.run_dir, code);
  PRIMACY_TRY(MakeDirectories(request.run_dir));
  request.job_file = log.scratch() / "job.txt";
  PRIMACY_TRY(WriteFileAtomically(request.job_file, job.DebugString()));
  request.servers = arrangement.servers;
  request.workers = arrangement.workers;
  return request;
}

// Its progress goes nowhere: on a terminal it would stand between the records.
Result<JobOutcome> RunUnderMpi(const RunRequest& request) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere(std::fopen("/dev/null", "w"),
                                                                &std::fclose);
  if (nowhere == nullptr) return Failure("cannot open /dev/null");
  Progress progress(nowhere.get());
  return RunMpiJob({request, "", ""}, progress);
}

Status RunToItsEnd(const RunRequest& request, bool processes) {
  PRIMACY_ASSIGN(const JobOptions job, ReadRunRequest(request));
  PRIMACY_ASSIGN(const auto lock, DirectoryLock::Take(request.run_dir, kLaunchLock));
  PRIMACY_TRY(CreateRunDirectory(job));
  JobOutcome outcome = JobOutcome::kFinished;
  if (processes) {
    PRIMACY_ASSIGN(outcome, RunUnderMpi(request));
  } else {
    LocalJobOptions local;
    local.job = job;
    PRIMACY_ASSIGN(const LocalJobResult ended, RunLocalJob(local));
    outcome = ended.outcome;
  }
  if (outcome != JobOutcome::kFinished) return Failure("the job was stopped");
  return Ok();
}

// Rows per second of each pass of the last stage but its first, in order.
Result<std::vector<double>> PassRates(const std::string& run_dir) {
  PRIMACY_ASSIGN(const std::string events, ReadFile(run_dir + "/events.jsonl", kFileBytesMax));
  std::vector<double> rates;
  double stage = 0;
  for (const std::string_view line : Split(events, '\n')) {
    if (line.empty()) continue;
    PRIMACY_ASSIGN(const JsonValue event, ParseJson(line));
    if (event.TextOr("event", "") != "evaluation" || event.NumberOr("pass", 0) < 1.5) continue;
    if (event.NumberOr("stage", 0) > std::exchange(stage, event.NumberOr("stage", 0)))
      rates.clear();
    rates.push_back(event.NumberOr("rows_per_s", 0));
  }
  if (rates.empty()) return Failure(run_dir + "/events.jsonl has no evaluation of a second pass");
  return rates;
}

void SetMethod(PriorityConfig::Method method, PriorityConfig& priority) {
  priority.set_method(method);
  if (method == PriorityConfig::SINGLE) priority.set_single_task("task0");
}

// Where the time of steps went, from the report: milliseconds of one worker, or one server, per
// update. The first pass is in them.
void AddParts(const JsonValue& report, double updates, const StepJobOptions& arrangement,
              BenchRecord& record) {
  const JsonValue* const seconds = report.Find("step_seconds");
  if (seconds == nullptr) return;
  constexpr const char* kOfWorkers[] = {"read",    "build",    "batch_wait", "row_wait",
                                        "forward", "backward", "push"};
  constexpr const char* kOfServers[] = {"server_gather", "server_apply"};
  const auto add = [&](const char* part, int processes) {
    record.numbers.emplace_back(std::string("ms_") + part,
                                1000 * seconds->NumberOr(part, 0) / (updates * processes));
  };
  for (const char* const part : kOfWorkers) add(part, arrangement.workers);
  for (const char* const part : kOfServers) add(part, arrangement.servers);
}

}  // namespace

Result<BenchRecord> StepBenchAsJob(const StepBenchOptions& options,
                                   const StepJobOptions& arrangement, const StepLog& log) {
  PRIMACY_TRY(CheckStepBenchOptions(options));
  PRIMACY_TRY(CheckProcesses(arrangement.servers, arrangement.workers));
  if (log.rows() < options.batch) return UsageError("--log_rows must be at least a batch");
  Job job = bench::StepJob(options);
  job.mutable_data()->set_log(log.path());
  // One pass that is not counted, and no end before the last of the others.
  job.mutable_training()->set_passes_max(1 + options.runs);
  job.mutable_training()->set_patience(0);
  SetMethod(arrangement.method, *job.mutable_priority());
  for (const std::string& assignment : arrangement.overrides) {
    PRIMACY_ASSIGN(job, OverrideJob(job, assignment));
  }
  PRIMACY_ASSIGN(const RunRequest request, PlaceJob(job, arrangement, log));
  PRIMACY_TRY(RunToItsEnd(request, arrangement.processes));
  PRIMACY_ASSIGN(std::vector<double> rates, PassRates(request.run_dir));
  PRIMACY_ASSIGN(const JsonValue report, ReadReport(request.run_dir));
  std::sort(rates.begin(), rates.end());

  BenchRecord record = bench::StepRecord("job", options);
  record.labels.emplace_back("method", PriorityConfig::Method_Name(job.priority().method()));
  record.labels.emplace_back("launcher", arrangement.processes ? "mpi" : "local");
  record.labels.emplace_back("consistency",
                             RuntimeConfig::Consistency_Name(job.runtime().consistency()));
  record.labels.emplace_back("wire", Precision_Name(job.runtime().wire()));
  record.numbers.emplace_back("servers", arrangement.servers);
  record.numbers.emplace_back("workers", arrangement.workers);
  bench::AddRates(rates[rates.size() / 2], rates.front(), rates.back(), record);
  AddParts(report, report.NumberOr("rows", 0) / static_cast<double>(options.batch), arrangement,
           record);
  const double keys = static_cast<double>(options.batch) * (options.slots + bench::kListValues);
  record.numbers.emplace_back("bytes_per_row", report.NumberOr("bytes_per_row", 0));
  record.numbers.emplace_back("worker_wait_share", report.NumberOr("worker_wait_share", 0));
  record.numbers.emplace_back("unique_keys", keys * report.NumberOr("unique_key_ratio", 0));
  record.numbers.emplace_back("keys", keys);
  return record;
}

}  // namespace primacy
