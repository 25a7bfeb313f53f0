// The signals of a rank. A person's Ctrl-C is not for ranks: the command that started them asks for
// a stop instead, so that a generation is saved. SIGTERM, which a launcher sends to what is left of
// a failed job, is recorded before the process ends. SIGUSR1, which mpirun hands on to every rank,
// asks server 0 for a stop; the other ranks ignore it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "common/cluster/rank_file.h"

namespace primacy {

// First thing in main, before any thread is there: ignores SIGINT, holds SIGTERM back for
// WatchTermination and SIGUSR1 for StopSignal, and asks the kernel to end this process with the one
// that started it.
void PrepareRankSignals();

// From here on SIGTERM marks `file` and ends the process at once with 143.
void WatchTermination(std::shared_ptr<RankFile> file);

// Calls a function on a thread of its own at every SIGUSR1, also at one that came before. One at a
// time; REQUIRES: PrepareRankSignals.
class StopSignal {
 public:
  explicit StopSignal(std::function<void()> on_signal);
  // The function does not run any more afterwards.
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

 private:
  const std::function<void()> on_signal_;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace primacy
