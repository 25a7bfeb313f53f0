// A whole job under mpirun, watched from outside.
#pragma once

#include "common/base/result.h"
#include "ps/coordinator/job_script.h"
#include "tools/launch/mpirun.h"
#include "tools/launch/progress.h"

namespace primacy {

// Starts mpirun and blocks until the job has ended; it never hangs: when mpirun does not end within
// seconds of a rank's death, all is killed. The run directory exists. A first interrupt (see
// interrupt.h) asks the job to stop with a generation, a second one kills it. The error names the
// rank that died, or the user's mistake.
Result<JobOutcome> RunMpiJob(const MpiOptions& options, Progress& progress);

}  // namespace primacy
