// From what a person asks for (a job file, a run directory, resume or not) to the options of a job,
// with every mistake that can be known before processes start.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "ps/coordinator/job_script.h"

namespace primacy {

struct RunRequest {
  std::string job_file;
  std::vector<std::string> overrides;  // field=value
  std::string run_dir;
  int servers = 1;
  int workers = 1;
  bool resume = false;
  std::string init_from;  // run directory, checkpoint directory or generation; empty: none
};

// That both are at least 1, and that every server has a virtual shard. Errors name the flag.
Status CheckProcesses(int servers, int workers);

// Loads and checks the job and the request, without a look at the run directory or init_from.
Result<JobOptions> ReadRunRequest(const RunRequest& request);

// The same, and that run_dir suits: a directory that holds a generation needs `resume`, and
// `resume` needs one; and that init_from can be begun with. Does not create anything.
Result<JobOptions> PrepareRun(const RunRequest& request);

// Held by who runs the job in a run directory (common/base/directory_lock.h): its first server, or
// the process of a local job.
inline constexpr char kRunLock[] = "run.lock";
// Held by `primacy train`, which tidies the run directory before mpirun starts.
inline constexpr char kLaunchLock[] = "launch.lock";

// Whether run_dir holds a generation that could be resumed.
Result<bool> HoldsRun(const std::string& run_dir);

// Makes run_dir and writes the checked job into it (job.txt), for people and for `inspect`.
Status CreateRunDirectory(const JobOptions& options);

}  // namespace primacy
