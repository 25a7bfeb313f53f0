#include "common/cluster/rank_signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cstdlib>
#include <thread>
#include <utility>

namespace primacy {
namespace {

sigset_t Termination() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void PrepareRankSignals() {
  ::signal(SIGINT, SIG_IGN);
  const sigset_t set = Termination();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void WatchTermination(std::shared_ptr<RankFile> file) {
  std::thread([file = std::move(file)] {
    const sigset_t set = Termination();
    int received = 0;
    while (::sigwait(&set, &received) != 0) {
    }
    file->FailBySignal();
    std::_Exit(128 + SIGTERM);
  }).detach();
}

}  // namespace primacy
