#include "common/transport/frame_writer.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace primacy::transport {
namespace {

// The pieces of a frame from a byte offset on, as many as one system call takes.
class IoVector {
 public:
  IoVector(const OutgoingFrame& frame, uint64_t offset) : skip_(offset) {
    Add(frame.header);
    Add(std::as_bytes(std::span(frame.proto)));
    for (std::span<const std::byte> piece : frame.raw.pieces) Add(piece);
  }

  msghdr AsMessage() {
    msghdr message{};
    message.msg_iov = pieces_.data();
    message.msg_iovlen = count_;
    return message;
  }

 private:
  void Add(std::span<const std::byte> piece) {
    if (skip_ >= piece.size()) {
      skip_ -= piece.size();
      return;
    }
    if (count_ == pieces_.size()) return;
    pieces_[count_].iov_base = const_cast<std::byte*>(piece.data() + skip_);
    pieces_[count_].iov_len = piece.size() - skip_;
    ++count_;
    skip_ = 0;
  }

  std::array<iovec, 64> pieces_;
  size_t count_ = 0;
  uint64_t skip_;
};

}  // namespace

void FrameWriter::Open(int socket) {
  MutexLock lock(mutex_);
  socket_ = socket;
}

void FrameWriter::Send(Frame frame) {
  std::vector<Frame> released;
  MutexLock lock(mutex_);
  if (socket_ < 0) return;
  queue_.push_back(std::move(frame));
  // A longer queue is in the hands of the io thread already.
  if (queue_.size() == 1 && WriteQueue()) wait_writable_();
  released.swap(released_);
}

bool FrameWriter::Flush() {
  std::vector<Frame> released;
  MutexLock lock(mutex_);
  const bool full = WriteQueue();
  released.swap(released_);
  return full;
}

bool FrameWriter::idle() {
  MutexLock lock(mutex_);
  return queue_.empty();
}

void FrameWriter::Close() {
  std::vector<Frame> released;
  MutexLock lock(mutex_);
  Drop();
  released.swap(released_);
}

bool FrameWriter::WriteQueue() {
  while (socket_ >= 0 && !queue_.empty()) {
    switch (WriteFront()) {
      case Progress::kDone:
        released_.push_back(std::move(queue_.front()));
        queue_.pop_front();
        front_sent_ = 0;
        break;
      case Progress::kFull:
        return true;
      case Progress::kBroken:
        // Wakes the reading half, which ends the connection.
        ::shutdown(socket_, SHUT_RDWR);
        Drop();
        break;
    }
  }
  return false;
}

void FrameWriter::Drop() {
  socket_ = -1;
  released_.insert(released_.end(), queue_.begin(), queue_.end());
  queue_.clear();
  front_sent_ = 0;
}

FrameWriter::Progress FrameWriter::WriteFront() {
  const OutgoingFrame& frame = *queue_.front();
  while (front_sent_ < frame.bytes) {
    IoVector pieces(frame, front_sent_);
    const msghdr message = pieces.AsMessage();
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      front_sent_ += static_cast<uint64_t>(sent);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return Progress::kFull;
    } else if (errno != EINTR) {
      return Progress::kBroken;
    }
  }
  return Progress::kDone;
}

}  // namespace primacy::transport
