// A whole job in this process: servers and workers are threads that talk over real sockets, with
// the same code as under mpirun.
#pragma once

#include <functional>

#include "common/base/result.h"
#include "ps/service/server_process.h"

namespace primacy {

struct LocalJobOptions {
  JobOptions job;
  // Called once server 0 runs, with what watches and stops the job; it stays valid until `ended` is
  // called. May be empty.
  std::function<void(Coordinator&)> started;
  // Called after `started`, before the coordinator goes away: from its return on, it must be left
  // alone. May be empty.
  std::function<void()> ended;
};

struct LocalJobResult {
  JobOutcome outcome = JobOutcome::kFinished;
  EvaluateResult evaluation;  // of an evaluation job
};

// Blocks until the job has ended.
Result<LocalJobResult> RunLocalJob(const LocalJobOptions& options);

}  // namespace primacy
