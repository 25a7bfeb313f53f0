// One worker: it joins the job and does what the coordinator says until the job ends.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/cluster/cluster.h"
#include "common/config/job.pb.h"
#include "common/transport/transport.h"

namespace primacy {

struct WorkerOptions {
  Job job;  // checked, every field explicit
  int rank = 0;
  int workers = 1;
  std::string host;               // shown to people
  std::vector<Endpoint> servers;  // the first one is the coordinator's
  TransportOptions transport;
  std::string evaluation_slice;        // not empty: no training, only this slice is read
  std::function<void(Error)> on_lost;  // see AgentOptions
};

// Returns when the job has ended. `group`: all workers. A failure of this worker is reported to the
// coordinator and returned.
Status RunWorker(const WorkerOptions& options, Cluster& group);

}  // namespace primacy
