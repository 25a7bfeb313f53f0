// What the mains of servers and workers have in common: flags, MPI, the meeting of all ranks, the
// rank file, and how a failure ends the job.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/cluster/mpi_cluster.h"
#include "common/cluster/rank_flags.h"

namespace primacy {

// The part of a main that differs. Called in this order, each once, on the main thread.
class RankWork {
 public:
  virtual ~RankWork() = default;
  // Everything that can be wrong before ports are opened. Server 0 returns the job's secret, others
  // nothing.
  virtual Result<std::string> Prepare(const RankFlags& flags, MpiJob& mpi) = 0;
  // A server listens and returns its "host:port"; a worker returns nothing. `on_lost` is for later:
  // it ends the process when the coordinator is gone, from any thread.
  virtual Result<std::string> Open(const std::string& secret,
                                   std::function<void(Error)> on_lost) = 0;
  // Does the job's work with the servers' addresses, by rank. Returns the exit code of an end in
  // order.
  virtual Result<int> Run(const std::vector<std::string>& servers) = 0;
  // Somebody asks for an end in order, with a generation; from another thread, from after Open
  // until Run has returned, any number of times.
  virtual void RequestStop() {}
};

// Runs one rank to its exit code. What all ranks find wrong together is printed by one of them and
// every rank leaves with its code. A failure later ends the whole job: server 0 says why and
// aborts; another rank leaves that to server 0 for a moment, then does it itself.
int RunRank(Role role, int argc, char** argv, RankWork& work);

}  // namespace primacy
