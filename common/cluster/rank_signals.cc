#include "common/cluster/rank_signals.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

namespace primacy {
namespace {

sigset_t Only(int signal) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  return set;
}

void WaitFor(int signal) {
  const sigset_t set = Only(signal);
  int received = 0;
  while (::sigwait(&set, &received) != 0) {
  }
}

}  // namespace

void PrepareRankSignals() {
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk
  for (const int signal : {SIGTERM, SIGUSR1}) {
    const sigset_t set = Only(signal);
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void WatchTermination(std::shared_ptr<RankFile> file) {
  std::thread([file = std::move(file)] {
    WaitFor(SIGTERM);
    file->FailBySignal();
    std::_Exit(128 + SIGTERM);
  }).detach();
}

StopSignal::StopSignal(std::function<void()> on_signal)
    : on_signal_(std::move(on_signal)), thread_([this] {
        while (true) {
          WaitFor(SIGUSR1);
          if (ending_) return;
          on_signal_();
        }
      }) {}

StopSignal::~StopSignal() {
  ending_ = true;
  ::pthread_kill(thread_.native_handle(), SIGUSR1);
  thread_.join();
}

}  // namespace primacy
