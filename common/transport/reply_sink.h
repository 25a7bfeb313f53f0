// Where a responder's answer goes: the writer of the connection that the request came by.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "common/transport/frame_writer.h"
#include "common/transport/transport.h"

namespace primacy::transport {

// Counts one request of a connection from its arrival until its reply is sent or dropped.
class RequestTicket {
 public:
  using Count = std::shared_ptr<std::atomic<int>>;
  explicit RequestTicket(Count count) : count_(std::move(count)) { ++*count_; }
  ~RequestTicket() { --*count_; }
  RequestTicket(const RequestTicket&) = delete;
  RequestTicket& operator=(const RequestTicket&) = delete;

 private:
  const Count count_;
};

// The responder of a request. May outlive the connection and the server; answering is a no-op then.
Responder MakeResponder(const FrameHeader& request, std::shared_ptr<FrameWriter> writer,
                        RequestTicket::Count unanswered, uint64_t frame_bytes_max);

}  // namespace primacy::transport
