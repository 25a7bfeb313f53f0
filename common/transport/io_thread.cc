#include "common/transport/io_thread.h"

#include <glog/logging.h>
#include <pthread.h>

#include "common/transport/spin.h"
#include "common/transport/spin_gate.h"

namespace primacy::transport {

IoThread::IoThread(std::chrono::microseconds spin)
    : spin_(UsefulSpin(spin)),
      guard_(asio::make_work_guard(context_)),
      thread_([this] { Run(); }) {}

IoThread::~IoThread() { CHECK(!thread_.joinable()); }

void IoThread::Join() {
  CHECK(!OnThread()) << "a transport cannot be destroyed on its own thread";
  asio::post(context_, [this] { guard_.reset(); });
  thread_.join();
}

void IoThread::Run() {
  pthread_setname_np(pthread_self(), "transport");
  if (spin_.count() == 0) {
    context_.run();
    return;
  }
  SpinGate gate;
  while (!context_.stopped()) {
    if (gate.ShouldSpin()) {
      const bool found = SpinUntil(spin_, [this] { return context_.poll() > 0; });
      gate.Spun(found);
      if (found) continue;
    }
    context_.run_one();
  }
}

}  // namespace primacy::transport
