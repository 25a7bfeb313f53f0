// Cores of this machine, and threads that keep to one of them.
#pragma once

#include <sched.h>

#include <set>
#include <vector>

#include "common/base/result.h"

namespace primacy::bench {

// Those on which the calling thread may run, in rising order.
std::vector<int> AllowedCores();

// The calling thread, and every thread that it starts meanwhile, runs on one core until the end of
// the scope; the threads it started keep to it. REQUIRES: an allowed core.
class OnCore {
 public:
  explicit OnCore(int core);
  ~OnCore();
  OnCore(const OnCore&) = delete;
  OnCore& operator=(const OnCore&) = delete;

 private:
  cpu_set_t before_;
};

// The threads of this process, by the system's numbers.
std::set<int> ThreadsOfProcess();
// Processor time of one of them, in seconds, to a tick of the scheduler (at most 10 ms) while it
// runs and exact while it sleeps.
Result<double> CpuSecondsOf(int thread);

}  // namespace primacy::bench
