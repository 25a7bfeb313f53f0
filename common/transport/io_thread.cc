#include "common/transport/io_thread.h"

#include <glog/logging.h>
#include <pthread.h>

namespace primacy::transport {

IoThread::IoThread(std::chrono::microseconds spin)
    : spin_(spin), guard_(asio::make_work_guard(context_)), thread_([this] { Run(); }) {}

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
  while (!context_.stopped()) {
    Spin();
    context_.run_one();
  }
}

// Runs what becomes ready until nothing has for spin_.
void IoThread::Spin() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point deadline = Clock::now() + spin_;
  while (!context_.stopped() && Clock::now() < deadline) {
    if (context_.poll() > 0) deadline = Clock::now() + spin_;
  }
}

}  // namespace primacy::transport
