// Responders whose answers a test can look at.
#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/transport/transport.h"

namespace primacy::testing_support {

// The answer to one request; may be given on another thread. Thread safe.
class Answer {
 public:
  Responder MakeResponder() { return Responder(std::make_unique<Sink>(state_)); }

  bool pending() const {
    MutexLock lock(state_->mutex);
    return !state_->done;
  }
  bool replied() const {
    MutexLock lock(state_->mutex);
    return state_->done && !state_->error.has_value();
  }
  // The message of the failure, or nothing when there was none (yet).
  std::string error() const {
    MutexLock lock(state_->mutex);
    return state_->error.has_value() ? state_->error->message() : "";
  }
  template <typename T>
  T proto() const {
    MutexLock lock(state_->mutex);
    T parsed;
    CHECK(state_->done && !state_->error.has_value() && parsed.ParseFromString(state_->proto));
    return parsed;
  }
  std::string raw() const {
    MutexLock lock(state_->mutex);
    return state_->raw;
  }
  std::vector<float> floats() const {
    MutexLock lock(state_->mutex);
    std::vector<float> values(state_->raw.size() / sizeof(float));
    std::memcpy(values.data(), state_->raw.data(), values.size() * sizeof(float));
    return values;
  }

 private:
  struct State {
    mutable Mutex mutex;
    bool done = false;
    std::string proto;
    std::string raw;
    std::optional<Error> error;
  };
  class Sink final : public Responder::Sink {
   public:
    explicit Sink(std::shared_ptr<State> state) : state_(std::move(state)) {}
    void Reply(const google::protobuf::MessageLite& proto, RawParts raw) override {
      MutexLock lock(state_->mutex);
      CHECK(!state_->done);
      state_->proto = proto.SerializeAsString();
      for (const auto& piece : raw.pieces) {
        state_->raw.append(reinterpret_cast<const char*>(piece.data()), piece.size());
      }
      state_->done = true;
    }
    void Fail(const Error& error) override {
      MutexLock lock(state_->mutex);
      CHECK(!state_->done);
      state_->error = error;
      state_->done = true;
    }

   private:
    const std::shared_ptr<State> state_;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A request as the transport hands it over.
template <typename T>
Message MakeMessage(MessageType type, const T& proto,
                    const std::vector<std::span<const std::byte>>& raw = {}) {
  Message message;
  message.header.type = type;
  message.proto = proto.SerializeAsString();
  size_t bytes = 0;
  for (const auto& piece : raw) bytes += piece.size();
  message.raw = RawBuffer(bytes);
  size_t at = 0;
  for (const auto& piece : raw) {
    if (!piece.empty()) std::memcpy(message.raw.data() + at, piece.data(), piece.size());
    at += piece.size();
  }
  return message;
}

}  // namespace primacy::testing_support
