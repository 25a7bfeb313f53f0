// The ranks of an mpirun job: `-np S primacy_ps … : -np W primacy_worker …`. The only header of the
// project behind which MPI is used.
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/cluster/cluster.h"
#include "common/protocol/messages.pb.h"

namespace primacy {

// One per process. Destroying it finalises MPI, which waits for all ranks: a rank that fails alone
// must AbortJob instead. After an Abort of either group MPI is not finalised, because not all ranks
// may come.
class MpiJob {
 public:
  // Initialises MPI with full thread support, and agrees with all ranks on who has which role. A
  // job without a server or without a worker is a usage error on every rank. Collective over all
  // ranks.
  static Result<std::unique_ptr<MpiJob>> Start(Role role);
  virtual ~MpiJob() = default;

  // All ranks, and those of this process's role. The rank within the role is what the rest of the
  // project calls rank.
  virtual Cluster& world() = 0;
  virtual Cluster& role_group() = 0;
  virtual int servers() const = 0;
  virtual int workers() const = 0;
  virtual bool one_host() const = 0;
  virtual std::string host() const = 0;

  // Ends the whole job at once: no rank is waited for.
  [[noreturn]] virtual void AbortJob(int exit_code) = 0;
};

}  // namespace primacy
