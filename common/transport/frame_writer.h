// The sending half of a connection: a queue of frames, written straight from the thread that sends
// as far as the socket takes them, and by the io thread after that.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/base/mutex.h"
#include "common/transport/outgoing_frame.h"

namespace primacy::transport {

// Thread safe. Frames arrive in the order of Send. The queue is bounded by the requests in flight,
// which the owners of the connections bound. It may outlive the connection: after Close everything
// is a no-op.
class FrameWriter {
 public:
  // `wait_writable` is called, from any thread, when the socket takes no more: Flush is to be
  // called once it does.
  explicit FrameWriter(std::function<void()> wait_writable)
      : wait_writable_(std::move(wait_writable)) {}

  // `socket` is connected and non-blocking, and stays open until Close.
  void Open(int socket);
  void Send(std::shared_ptr<const OutgoingFrame> frame) EXCLUDES(mutex_);
  // Writes on. True when the socket is full again.
  bool Flush();
  // Nothing is queued.
  bool idle();
  void Close();

 private:
  using Frame = std::shared_ptr<const OutgoingFrame>;
  enum class Progress { kDone, kFull, kBroken };
  Progress WriteFront() REQUIRES(mutex_);
  // Writes until the queue is empty or the socket is full. True: it is full.
  bool WriteQueue() REQUIRES(mutex_);
  void Drop() REQUIRES(mutex_);

  const std::function<void()> wait_writable_;
  Mutex mutex_;
  int socket_ GUARDED_BY(mutex_) = -1;
  std::deque<Frame> queue_ GUARDED_BY(mutex_);
  uint64_t front_sent_ GUARDED_BY(mutex_) = 0;  // bytes of the queue's front that are gone
  // Frames done with, until they are released without the lock: what they own is not ours.
  std::vector<Frame> released_ GUARDED_BY(mutex_);
};

}  // namespace primacy::transport
