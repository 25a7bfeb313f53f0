#include "common/transport/reply_sink.h"

#include <utility>

#include "common/protocol/messages.pb.h"

namespace primacy::transport {
namespace {

class ReplySink final : public Responder::Sink {
 public:
  ReplySink(const FrameHeader& request, std::shared_ptr<FrameWriter> writer,
            RequestTicket::Count unanswered, uint64_t frame_bytes_max)
      : address_{MessageType::kReply, request.incarnation, request.request_id},
        writer_(std::move(writer)),
        ticket_(std::make_shared<RequestTicket>(std::move(unanswered))),
        frame_bytes_max_(frame_bytes_max) {}

  void Reply(const google::protobuf::MessageLite& proto, RawParts raw) override {
    auto frame = MakeFrame(address_, proto, std::move(raw), frame_bytes_max_, ticket_);
    if (!frame.ok()) return Fail(frame.error());
    writer_->Send(*std::move(frame));
  }

  void Fail(const Error& error) override {
    ErrorReply reply;
    reply.set_message(error.message());
    reply.set_usage(error.kind() == ErrorKind::kUsage);
    FrameAddress address = address_;
    address.type = MessageType::kErrorReply;
    auto frame = MakeFrame(address, reply, {}, frame_bytes_max_, ticket_);
    if (!frame.ok()) {
      reply.set_message("the request failed, and the reason is longer than a frame");
      frame = MakeFrame(address, reply, {}, UINT64_MAX, ticket_);
    }
    writer_->Send(*std::move(frame));
  }

 private:
  const FrameAddress address_;
  const std::shared_ptr<FrameWriter> writer_;
  const std::shared_ptr<const void> ticket_;
  const uint64_t frame_bytes_max_;
};

}  // namespace

Responder MakeResponder(const FrameHeader& request, std::shared_ptr<FrameWriter> writer,
                        RequestTicket::Count unanswered, uint64_t frame_bytes_max) {
  return Responder(std::make_unique<ReplySink>(request, std::move(writer), std::move(unanswered),
                                               frame_bytes_max));
}

}  // namespace primacy::transport
