#include "worker/client/replies.h"

#include <utility>

namespace primacy {

void Replies::Set(int server, Result<Message> message) {
  MutexLock lock(mutex_);
  CHECK(!messages_[server].has_value());
  messages_[server] = std::move(message);
  if (--missing_ == 0) changed_.NotifyAll();
}

Result<std::vector<Message>> Replies::Wait() {
  MutexLock lock(mutex_);
  while (missing_ > 0) changed_.Wait(mutex_);
  std::vector<Message> all;
  for (size_t server = 0; server < messages_.size(); ++server) {
    Result<Message>& message = *messages_[server];
    if (!message.ok()) return Error("server " + std::to_string(server), message.error());
    all.push_back(*std::move(message));
  }
  return all;
}

}  // namespace primacy
