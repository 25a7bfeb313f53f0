// The mpirun command of a job.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "ps/coordinator/prepare_run.h"
#include "tools/launch/child_process.h"

namespace primacy {

struct MpiOptions {
  RunRequest request;
  std::string hostfile;  // empty: the hosts of an allocation, or this one
  std::string mpi_args;  // further arguments of mpirun, separated by spaces
};

// What is known of this machine.
struct MpiPlace {
  std::string mpirun;  // paths
  std::string ps;
  std::string worker;
  bool as_root = false;
  bool allocation = false;
};

// Whether a scheduler that mpirun knows has given this process its hosts: Slurm, PBS, LSF or Grid
// Engine.
bool HasAllocation();

// A usage error names the package or the file that is missing.
Result<MpiPlace> FindMpi();

// The output goes to mpirun.log of the run directory. Paths are made absolute, for ranks that start
// in another folder.
ChildCommand MpirunCommand(const MpiOptions& options, const MpiPlace& place);

}  // namespace primacy
