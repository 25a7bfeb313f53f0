// The one thread of a server or a client on which its connections live.
#pragma once

#include <chrono>
#include <optional>
#include <thread>

#include "common/transport/asio.h"

namespace primacy::transport {

class IoThread {
 public:
  // Before it sleeps, the thread polls for `spin`, unless that has been in vain of late (see
  // SpinGate): a wake-up from sleep costs tens of microseconds.
  explicit IoThread(std::chrono::microseconds spin);
  // Join was called.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  asio::io_context& context() { return context_; }
  bool OnThread() const { return std::this_thread::get_id() == thread_.get_id(); }
  // Waits until everything on the context has ended; the caller has seen to it that it will.
  void Join();

 private:
  void Run();

  const std::chrono::microseconds spin_;
  asio::io_context context_{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard_;
  std::thread thread_;
};

}  // namespace primacy::transport
