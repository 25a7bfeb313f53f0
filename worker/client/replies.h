// The replies of all servers to one request, waited for together.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/transport/transport.h"

namespace primacy {

// Set from the transports' threads, once per server; waited for by one thread.
class Replies {
 public:
  explicit Replies(int servers) : missing_(servers), messages_(servers) {}

  void Set(int server, Result<Message> message);
  // All replies in server order, or the first error in server order. At most once.
  Result<std::vector<Message>> Wait();

 private:
  Mutex mutex_;
  CondVar changed_;
  int missing_ GUARDED_BY(mutex_);
  std::vector<std::optional<Result<Message>>> messages_ GUARDED_BY(mutex_);
};

}  // namespace primacy
