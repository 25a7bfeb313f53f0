#include <cstdio>

#include "tools/commands/command.h"
#include "tools/commands/flags.h"
#include "tools/launch/local_job.h"
#include "ps/coordinator/prepare_run.h"

namespace primacy {

Result<int> RunTrain(const std::vector<std::string>&) {
  PRIMACY_ASSIGN(const JobOptions job, PrepareRun({FLAGS_job, Overrides(), FLAGS_run_dir, FLAGS_servers,
                                                   FLAGS_workers, FLAGS_resume, FLAGS_init_from}));
  PRIMACY_TRY(CreateRunDirectory(job));
  LocalJobOptions local;
  local.job = job;
  PRIMACY_ASSIGN(const LocalJobResult result, RunLocalJob(local));
  return result.outcome == JobOutcome::kFinished ? 0 : 1;
}

}  // namespace primacy
