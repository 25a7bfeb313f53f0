// A group of processes (or threads) of one role: who am I, and the collectives that are not on the
// data path.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace primacy {

// All members call the same collectives in the same order. A collective fails on every member after
// Abort. Thread safe as long as one thread at a time is in a collective.
class Cluster {
 public:
  virtual ~Cluster() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual Status Barrier() = 0;
  // The members' bytes in rank order on `root`, empty elsewhere. No limit of 2 GiB.
  virtual Result<std::vector<std::string>> Gather(const std::string& bytes, int root) = 0;
  // The root's bytes on every member.
  virtual Result<std::string> Broadcast(const std::string& bytes, int root) = 0;
  // Wakes every member out of its collective with an error that carries `reason`; collectives fail
  // from here on.
  virtual void Abort(const std::string& reason) = 0;
};

// Threads of one process: `size` members that share memory.
std::vector<std::unique_ptr<Cluster>> MakeLocalCluster(int size);

}  // namespace primacy
