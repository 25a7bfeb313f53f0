// A whole job in this process: servers and workers are threads that talk over real sockets, with the same code as under mpirun.
#pragma once

#include <functional>

#include "common/base/result.h"
#include "ps/service/server_process.h"

namespace primacy {

struct LocalJobOptions {
  JobOptions job;
  // Called once server 0 runs, with what watches and stops the job; it stays valid until RunLocalJob returns. May be empty.
  std::function<void(Coordinator&)> started;
};

struct LocalJobResult {
  JobOutcome outcome = JobOutcome::kFinished;
  EvaluateResult evaluation;  // of an evaluation job
};

// Blocks until the job has ended.
Result<LocalJobResult> RunLocalJob(const LocalJobOptions& options);

// A new secret for a job: 64 hex digits from the system's generator.
std::string MakeSecret();

// The transport's settings of a job.
TransportOptions MakeTransportOptions(const Job& job, const std::string& secret);

}  // namespace primacy
