#include "common/transport/transport.h"

namespace primacy {

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this == &other) return *this;
  if (pending()) Fail(Failure("the request was dropped unanswered"));
  sink_ = std::move(other.sink_);
  return *this;
}

Responder::~Responder() {
  if (pending()) Fail(Failure("the request was dropped unanswered"));
}

void Responder::Reply(const google::protobuf::MessageLite& proto, RawParts raw) {
  CHECK(pending()) << "a request is answered once";
  std::exchange(sink_, nullptr)->Reply(proto, std::move(raw));
}

void Responder::Fail(const Error& error) {
  CHECK(pending()) << "a request is answered once";
  std::exchange(sink_, nullptr)->Fail(error);
}

}  // namespace primacy
