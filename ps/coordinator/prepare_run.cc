#include "ps/coordinator/prepare_run.h"

#include <filesystem>

#include "common/base/atomic_file.h"
#include "common/config/job_config.h"
#include "common/protocol/ids.h"
#include "ps/checkpoint/generation.h"
#include "ps/checkpoint/resume_point.h"

namespace primacy {

// A start that failed before its first generation leaves nothing that a new start could lose.
Result<bool> HoldsRun(const std::string& run_dir) {
  if (std::filesystem::exists(run_dir + "/report.json")) return true;
  PRIMACY_ASSIGN(const auto generations, ListGenerations(CheckpointRoot(run_dir)));
  return !generations.empty();
}

namespace {

// A job.txt that no run wrote is somebody's own, and would be overwritten.
Status CheckIsRunDirectory(const std::string& run_dir) {
  if (!std::filesystem::exists(run_dir + "/job.txt")) return Ok();
  for (const std::string& mark :
       {std::string("ranks"), std::string(kRunLock), std::string(kLaunchLock)}) {
    if (std::filesystem::exists(run_dir + "/" + mark)) return Ok();
  }
  return UsageError("--run_dir=" + run_dir +
                    " holds a job.txt but no run: choose another directory for the run");
}

}  // namespace

Status CheckProcesses(int servers, int workers) {
  constexpr int kServersMax = kVirtualShards;
  constexpr int kWorkersMax = 1 << 16;
  if (servers < 1) return UsageError("--servers must be at least 1");
  if (workers < 1) return UsageError("--workers must be at least 1");
  if (servers > kServersMax) {
    return UsageError("--servers must be at most " + std::to_string(kServersMax) +
                      ", a virtual shard each");
  }
  if (workers > kWorkersMax)
    return UsageError("--workers must be at most " + std::to_string(kWorkersMax));
  return Ok();
}

Result<JobOptions> ReadRunRequest(const RunRequest& request) {
  if (request.job_file.empty()) return UsageError("--job is missing: give the job file");
  if (request.run_dir.empty()) {
    return UsageError("--run_dir is missing: give the directory for the run's results");
  }
  PRIMACY_TRY(CheckProcesses(request.servers, request.workers));
  if (request.resume && !request.init_from.empty()) {
    return UsageError(
        "--resume continues a run and --init_from begins a new one: give one of them");
  }
  JobOptions options;
  PRIMACY_ASSIGN(options.job, LoadJob(request.job_file, request.overrides));
  const int port = options.job.runtime().port();
  if (port > 0 && port + request.servers - 1 > 65535) {
    return UsageError("runtime.port: " + std::to_string(request.servers) +
                      " servers need ports from " + std::to_string(port) + " to " +
                      std::to_string(port + request.servers - 1) + ", and 65535 is the last");
  }
  options.run_dir = request.run_dir;
  options.servers = request.servers;
  options.workers = request.workers;
  options.resume = request.resume;
  return options;
}

Result<JobOptions> PrepareRun(const RunRequest& request) {
  PRIMACY_ASSIGN(JobOptions options, ReadRunRequest(request));
  PRIMACY_ASSIGN(const bool holds_run, HoldsRun(request.run_dir));
  if (holds_run && !request.resume) {
    return UsageError("--run_dir=" + request.run_dir +
                      " holds a run already: give --resume to continue it, or another directory");
  }
  if (!holds_run && request.resume) {
    return UsageError("--resume: --run_dir=" + request.run_dir +
                      " holds no saved generation: start without --resume");
  }
  PRIMACY_TRY(CheckIsRunDirectory(request.run_dir));
  if (request.resume) {
    PRIMACY_TRY(FindResumePoint(CheckpointRoot(request.run_dir), CheckDepth::kManifests));
  }
  if (!request.init_from.empty()) {
    PRIMACY_ASSIGN(options.init_from, ResolveCheckpoint(request.init_from));
  }
  return options;
}

Status CreateRunDirectory(const JobOptions& options) {
  PRIMACY_TRY(MakeDirectories(options.run_dir + "/ranks"));
  return WriteFileAtomically(options.run_dir + "/job.txt", options.job.DebugString());
}

}  // namespace primacy
